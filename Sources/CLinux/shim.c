#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

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
