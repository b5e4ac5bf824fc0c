#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>

char **clinux_environment(void) { return environ; }

int clinux_usable_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
