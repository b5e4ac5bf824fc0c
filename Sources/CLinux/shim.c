#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

char **clinux_environment(void) { return environ; }

int clinux_usable_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int clinux_unshare_descriptors(unsigned int kept) {
    const unsigned int first = 3, unshare = 1u << 1;
    if (kept > first && syscall(SYS_close_range, first, kept - 1, unshare) != 0) return -1;
    return (int)syscall(SYS_close_range, kept >= first ? kept + 1 : first, ~0u, unshare);
}

static struct timespec as_timespec(int64_t nanoseconds) {
    return (struct timespec){.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
}

int64_t clinux_clock_nanoseconds(int clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int clinux_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t nanoseconds) {
    struct timespec deadline = as_timespec(nanoseconds);
    return pthread_cond_timedwait(condition, mutex, &deadline);
}

void clinux_sleep(int64_t nanoseconds) {
    struct timespec rest = as_timespec(nanoseconds);
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
}

int64_t clinux_file_size(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_size : -1;
}
