// SPDX-License-Identifier: GPL-3.0-or-later
// A library to be loaded before others: a file system that has no locks.
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OFD_GETLK = 36, OFD_SETLKW = 38 }; // fcntl(2), Linux

int fcntl(int descriptor, int command, ...);
int fcntl64(int descriptor, int command, ...);
int flock(int descriptor, int operation);

static int call(int descriptor, int command, void *argument) {
    if (command >= OFD_GETLK && command <= OFD_SETLKW) {
        errno = ENOLCK;
        return -1;
    }
    return (int)syscall(SYS_fcntl, descriptor, command, argument);
}

int fcntl(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return call(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return call(descriptor, command, argument);
}

int flock(int descriptor, int operation) {
    (void)descriptor, (void)operation;
    errno = ENOLCK;
    return -1;
}
