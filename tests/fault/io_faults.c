// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded into the program: the n-th call among some of the C library's fails as a disk does.
//
//     LD_PRELOAD=... WS_FAULT_CALL=write WS_FAULT_AT=2 WS_FAULT_ERRNO=5 wattspan run ...
//
// Calls: open (for writing only), write (pwrite, too), fsync, rename (renameat2, link, too), close, ftruncate. Only
// files in the folder WS_FAULT_FOLDER count. With WS_FAULT_COUNT=FILE the number of calls is written there at the end.
#undef _FILE_OFFSET_BITS // or open would be another name of open64
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;

static int in_folder(const char *path) {
    const char *folder = getenv("WS_FAULT_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return in_folder(path);
}

// 1 if this call of the named kind is the one to fail; errno says why.
static int fails(const char *kind) {
    const char *wanted = getenv("WS_FAULT_CALL"), *at = getenv("WS_FAULT_AT"), *why = getenv("WS_FAULT_ERRNO");
    if (!wanted || strcmp(wanted, kind) != 0 || atomic_fetch_add(&calls, 1) + 1 != (at ? atol(at) : 0))
        return 0;
    errno = why ? atoi(why) : EIO;
    return 1;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("WS_FAULT_COUNT");
    FILE *out = path ? fopen(path, "w") : NULL;
    if (out) {
        fprintf(out, "%ld\n", (long)atomic_load(&calls));
        fclose(out);
    }
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

static int open_as(const char *path, int flags, mode_t mode) {
    if ((flags & O_ACCMODE) != O_RDONLY && in_folder(path) && fails("open"))
        return -1;
    return REAL(int, open, const char *, int, ...)(path, flags, mode);
}

int open(const char *path, int flags, ...);
int open64(const char *path, int flags, ...);

int open(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_as(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_as(path, flags | O_LARGEFILE, mode);
}

ssize_t write(int fd, const void *bytes, size_t size) {
    return is_ours(fd) && fails("write") ? -1 : REAL(ssize_t, write, int, const void *, size_t)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    return is_ours(fd) && fails("write") ? -1
                                         : REAL(ssize_t, pwrite, int, const void *, size_t, off_t)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    return is_ours(fd) && fails("write")
               ? -1
               : REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)(fd, bytes, size, at);
}

int fsync(int fd) { return is_ours(fd) && fails("fsync") ? -1 : REAL(int, fsync, int)(fd); }

int fdatasync(int fd) { return is_ours(fd) && fails("fsync") ? -1 : REAL(int, fdatasync, int)(fd); }

int ftruncate(int fd, off_t size) {
    return is_ours(fd) && fails("ftruncate") ? -1 : REAL(int, ftruncate, int, off_t)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    return is_ours(fd) && fails("ftruncate") ? -1 : REAL(int, ftruncate64, int, off64_t)(fd, size);
}

// What a full file system says only when the file is closed (NFS). The descriptor is closed all the same.
int close(int fd) {
    int failed = is_ours(fd) && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY && fails("close"), why = errno;
    int status = REAL(int, close, int)(fd);
    if (!failed)
        return status;
    errno = why;
    return -1;
}

int rename(const char *old, const char *new) {
    return in_folder(new) && fails("rename") ? -1 : REAL(int, rename, const char *, const char *)(old, new);
}

int renameat2(int old_folder, const char *old, int new_folder, const char *new, unsigned flags) {
    return in_folder(new) && fails("rename") ? -1
                                             : REAL(int, renameat2, int, const char *, int, const char *,
                                                    unsigned)(old_folder, old, new_folder, new, flags);
}

// With WS_FAULT_LOCKS=1 no file can be locked, as on Lustre without flock and on some NFS.
static int refuses_locks(void) {
    if (!getenv("WS_FAULT_LOCKS"))
        return 0;
    errno = ENOSYS;
    return 1;
}

int flock(int fd, int operation) { return refuses_locks() ? -1 : REAL(int, flock, int, int)(fd, operation); }

static int is_lock(int command) {
    return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

int fcntl(int fd, int command, ...) {
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return is_lock(command) && refuses_locks() ? -1 : REAL(int, fcntl, int, int, ...)(fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return is_lock(command) && refuses_locks() ? -1 : REAL(int, fcntl64, int, int, ...)(fd, command, argument);
}

// With WS_FAULT_CLOCK=1 the clock is an hour further back each time that it is asked.
static time_t hours_back(void) {
    static atomic_long times;
    return getenv("WS_FAULT_CLOCK") ? 3600 * (atomic_fetch_add(&times, 1) + 1) : 0;
}

time_t time(time_t *at) {
    time_t now = REAL(time_t, time, time_t *)(NULL) - hours_back();
    if (at)
        *at = now;
    return now;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int status = REAL(int, clock_gettime, clockid_t, struct timespec *)(clock, at);
    if (!status && clock == CLOCK_REALTIME)
        at->tv_sec -= hours_back();
    return status;
}
