// SPDX-License-Identifier: Apache-2.0
// A wall clock that can be set under one program: preloaded, it adds the seconds in a file to what the system says.
//
// Steady clocks are left alone, as they are where an operator or NTP sets the time. Debian's libfaketime cannot be used:
// under it a Swift program finds no arguments.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/// In the file that BERTH_CLOCK names, in the machine's byte order; whoever writes it sets the clock.
static volatile const int64_t *seconds;

__attribute__((constructor)) static void open_clock(void) {
    const char *path = getenv("BERTH_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) seconds = page;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && seconds && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *seconds;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec read;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &read)) return -1;
    *now = (struct timeval){.tv_sec = read.tv_sec, .tv_usec = read.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *now) {
    struct timespec read;
    if (clock_gettime(CLOCK_REALTIME, &read)) return -1;
    if (now) *now = read.tv_sec;
    return read.tv_sec;
}
