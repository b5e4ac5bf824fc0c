#ifndef CLINUX_H
#define CLINUX_H

// What Swift cannot import from the Linux headers: function-like macros, variadic functions, system calls without a
// wrapper in older C libraries, and headers outside the Glibc module.

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/// epoll_wait with a timeout in nanoseconds (epoll_pwait2, Linux 5.11). A null timeout waits for ever.
/// Errors as in epoll_wait(2), and ENOSYS (or EPERM behind an old seccomp filter) where the kernel has no such call.
static inline int clinux_epoll_pwait2(
    int epoll, struct epoll_event *events, int capacity, const struct timespec *timeout) {
    return (int)syscall(SYS_epoll_pwait2, epoll, events, capacity, timeout, (const void *)0, (size_t)0);
}

/// A descriptor that becomes readable when the process ends (pidfd_open, Linux 5.3); -1 and errno otherwise.
static inline int clinux_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0u);
}

/// The environment of this process, as posix_spawn wants it.
char **clinux_environment(void);

// How a child ended, from the status of wait(2).
static inline bool clinux_exited(int status) { return WIFEXITED(status); }
static inline int clinux_exit_status(int status) { return WEXITSTATUS(status); }
static inline bool clinux_signalled(int status) { return WIFSIGNALED(status); }
static inline int clinux_termination_signal(int status) { return WTERMSIG(status); }

/// Has the kernel send `signal` to this process when the thread that started it ends (PR_SET_PDEATHSIG).
static inline int clinux_set_parent_death_signal(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0ul, 0ul, 0ul);
}

/// Names the calling thread (at most 15 bytes are kept; PR_SET_NAME).
static inline int clinux_set_thread_name(const char *name) {
    return prctl(PR_SET_NAME, (unsigned long)name, 0ul, 0ul, 0ul);
}

/// How late, in nanoseconds, the kernel may end a timed wait of the calling thread (PR_SET_TIMERSLACK; 50 µs unless set).
static inline int clinux_set_timer_slack(uint64_t nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0ul, 0ul, 0ul);
}

/// Columns and rows of the terminal behind `descriptor` (TIOCGWINSZ); -1 and errno if it is none.
static inline int clinux_terminal_size(int descriptor, uint16_t *columns, uint16_t *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

/// A pipe whose ends a child does not inherit unasked (pipe2 with O_CLOEXEC); -1 and errno otherwise.
int clinux_pipe(int ends[2]);

/// Takes a connection off a listening socket; it blocks and a child does not inherit it (accept4 with SOCK_CLOEXEC).
/// -1 and errno otherwise.
int clinux_accept(int listener);

/// Gives the calling thread a descriptor table of its own, with the three standard streams and `kept` in it
/// (close_range with CLOSE_RANGE_UNSHARE, Linux 5.9); -1 and errno otherwise.
int clinux_unshare_descriptors(unsigned int kept);

/// The processors this process may run on (sched_getaffinity); at least 1.
int clinux_usable_processors(void);

// Times and sizes as numbers: in a module that imports SwiftNIO together with Hummingbird, Swift takes struct timespec
// and struct stat for those of NIO's C module and refuses their members (MemberImportVisibility).

/// clock_gettime(2), in nanoseconds.
int64_t clinux_clock_nanoseconds(int clock);

/// pthread_cond_timedwait(3p) until a time of the condition's clock.
int clinux_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t nanoseconds);

/// nanosleep(2), all of it.
void clinux_sleep(int64_t nanoseconds);

/// st_size of stat(2); -1 and errno otherwise.
int64_t clinux_file_size(const char *path);

#endif
