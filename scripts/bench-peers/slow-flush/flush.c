// SPDX-License-Identifier: Apache-2.0
// Preloaded, it makes each flush to the disk take FLUSH_MS longer, as on a volume that is reached by a network: this
// machine's own disk may answer in a few hundredths of a millisecond, where a shared commit has nothing to save.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int slowly(const char *name, int descriptor) {
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int done = flush(descriptor);
    const char *wait = getenv("FLUSH_MS");
    long milliseconds = wait ? strtol(wait, NULL, 10) : 0;
    struct timespec span = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&span, NULL);
    return done;
}

int fsync(int descriptor) { return slowly("fsync", descriptor); }
int fdatasync(int descriptor) { return slowly("fdatasync", descriptor); }
