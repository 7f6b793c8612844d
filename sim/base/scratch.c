// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wattspan.h"

struct ws_scratch {
    char folder[PATH_MAX];
    int fd;
    atomic_uint_fast64_t end;
    atomic_int trouble; // errno of the first failure, or 0
};

static void release(void *object) {
    struct ws_scratch *scratch = object;
    if (scratch->fd >= 0)
        close(scratch->fd);
}

// The folder of a path.
static void set_folder(struct ws_scratch *scratch, const char *path) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(scratch->folder, sizeof scratch->folder, "%s", dirname(copy));
}

static int open_in_folder(struct ws_scratch *scratch) {
    char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s/.wattspan-XXXXXX", scratch->folder) >= (int)sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    scratch->fd = mkstemp(name);
    if (scratch->fd < 0)
        return -1;
    unlink(name);
    return fcntl(scratch->fd, F_SETFD, FD_CLOEXEC);
}

struct ws_scratch *ws_scratch_create(const char *path, struct ws_arena *arena) {
    struct ws_scratch *scratch = WS_NEW(arena, struct ws_scratch);
    const char *common = getenv("TMPDIR");
    scratch->fd = -1;
    if (path) {
        set_folder(scratch, path);
        open_in_folder(scratch);
    }
    if (scratch->fd < 0) {
        snprintf(scratch->folder, sizeof scratch->folder, "%s", common && *common ? common : "/tmp");
        open_in_folder(scratch);
    }
    scratch->trouble = scratch->fd < 0 ? errno : 0;
    ws_arena_defer(arena, release, scratch);
    return scratch;
}

static int give_up(struct ws_scratch *scratch, int reason) {
    int none = 0;
    atomic_compare_exchange_strong(&scratch->trouble, &none, reason);
    return WS_ERROR_FILE;
}

// What does not fit where it was moves, with room to grow: what is counted on grows by ever less.
static void find_place(struct ws_scratch *scratch, struct ws_scrap *scrap, size_t size) {
    if (size > scrap->room) {
        scrap->room = (uint32_t)(scrap->room > 0 ? size + size / 4 : size);
        scrap->place = atomic_fetch_add(&scratch->end, scrap->room);
    }
    scrap->size = (uint32_t)size;
}

int ws_scratch_put(struct ws_scratch *scratch, struct ws_scrap *scrap, const void *bytes, size_t size) {
    const char *from = bytes;
    if (size > UINT32_MAX / 2)
        return give_up(scratch, EFBIG);
    find_place(scratch, scrap, size);
    for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(scratch->fd, from + done, size - done, (off_t)(scrap->place + done));
        if (n < 0 && errno != EINTR)
            return give_up(scratch, errno);
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int ws_scratch_get(const struct ws_scratch *scratch, const struct ws_scrap *scrap, void *bytes) {
    char *to = bytes;
    for (size_t done = 0; done < scrap->size;) {
        ssize_t n = pread(scratch->fd, to + done, scrap->size - done, (off_t)(scrap->place + done));
        if (n == 0 || (n < 0 && errno != EINTR))
            return WS_ERROR_FILE;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int ws_scratch_fail(const struct ws_scratch *scratch, struct ws_error *err) {
    const int reason = atomic_load(&scratch->trouble);
    return ws_error_set(err, WS_ERROR_FILE, scratch->folder,
                        "the tallies of a sweep's cases that memory is not to hold cannot be put there: %s; write the "
                        "result (-o) or set TMPDIR to where there is room, or raise --memory",
                        reason ? strerror(reason) : "a file was cut off");
}
