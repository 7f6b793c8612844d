// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/store.h"

#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37 // Linux's, fcntl(2); its header shows it to those alone who ask for all GNU extensions
#endif

struct ws_hold {
    char asked[PATH_MAX];  // as the caller spells it
    char target[PATH_MAX]; // where links lead
    char part[PATH_MAX];   // target.part
    int flags;
    int fd; // of the part, held open and locked; -1 once it has been published
    int is_checked;
    struct stat checked; // the earlier result that may be replaced
};

static int file_error(struct ws_error *err, const char *path, const char *what) {
    return ws_error_set(err, WS_ERROR_FILE, path, "%s: %s", what, strerror(errno));
}

// ---- where a link leads ----

// A link to a result stays a link: what it points to is what is replaced, or made where nothing is there yet.
static int follow(const char *path, char target[PATH_MAX], struct ws_error *err) {
    enum { MOST_LINKS = 40 }; // as in Linux's path_resolution(7)
    char link[PATH_MAX], folder[PATH_MAX];
    struct stat status;
    int length = snprintf(target, PATH_MAX, "%s", path);
    for (int i = 0; length >= 0 && length < PATH_MAX; i++) {
        if (lstat(target, &status) != 0 || !S_ISLNK(status.st_mode))
            return 0;
        ssize_t n = readlink(target, link, sizeof link - 1);
        if (n < 0)
            return file_error(err, path, "cannot be read");
        if (i == MOST_LINKS)
            return ws_error_set(err, WS_ERROR_FILE, path, "is a symbolic link that leads nowhere: it is not replaced");
        link[n] = '\0';
        memcpy(folder, target, sizeof folder);
        length = link[0] == '/' ? snprintf(target, PATH_MAX, "%s", link)
                                : snprintf(target, PATH_MAX, "%s/%s", dirname(folder), link);
    }
    return ws_error_set(err, WS_ERROR_FILE, path, "cannot be written: the name is too long");
}

// ---- what stands there ----

static int is_same(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

// A file is read to its end to see what it is; one that has not changed since is not read again.
static int check_present(struct ws_hold *hold, struct ws_error *err) {
    struct stat now;
    const char *path = hold->target;
    const int is_here = stat(path, &now) == 0;
    if (is_here && hold->is_checked && is_same(&now, &hold->checked))
        return 0;
    switch (ws_store_probe(path)) {
    case -1:
        return 0;
    case 1:
    case 2:
        if (hold->flags & WS_SAVE_NO_CLOBBER)
            return ws_error_set(err, WS_ERROR_FILE, path, "is there already, and is not to be replaced");
        if ((hold->is_checked = is_here))
            hold->checked = now;
        return 0;
    case 0:
        return ws_error_set(err, WS_ERROR_FILE, path,
                            "is there already and is no wattspan result: it is not replaced; choose another name");
    default:
        return ws_error_set(err, WS_ERROR_FILE, path,
                            "is there already but cannot be read: it is not replaced; choose another name");
    }
}

// ---- PATH.part ----
//
// It is there for as long as a run works on PATH, locked, and says who that is. Where file systems have no locks, a run
// on the same machine is still seen by its process. A run on another machine is not, and loses its hold to the later
// one: it notices at the latest when it wants to publish.

enum lock { LOCKED, HELD, NO_LOCKS };

// Open file description locks: unlike those of processes, another one of the same process conflicts, and the closing of
// another descriptor does not release them; unlike flock()'s, they do not get in the way of HDF5's.
static enum lock lock_file(int fd) {
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &all) == 0)
        return LOCKED;
    return errno == EAGAIN || errno == EACCES ? HELD : NO_LOCKS;
}

struct owner {
    char host[65];
    long process;
};

static struct owner this_process(void) {
    struct owner owner = {.process = (long)getpid()};
    if (gethostname(owner.host, sizeof owner.host - 1) != 0 || !owner.host[0])
        snprintf(owner.host, sizeof owner.host, "?");
    return owner;
}

static int sign(int fd) {
    struct owner owner = this_process();
    return dprintf(fd, "wattspan: to be the result of process %ld on %s\n", owner.process, owner.host) < 0 ? -1 : 0;
}

static struct owner read_owner(int fd) {
    struct owner owner = {.process = 0};
    char text[160];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "wattspan: to be the result of process %ld on %64s", &owner.process, owner.host) != 2)
        owner = (struct owner){.process = 0};
    return owner;
}

static int is_alive(const struct owner *owner) {
    struct owner self = this_process();
    return owner->process > 1 && owner->process != self.process && strcmp(owner->host, self.host) == 0 &&
           (kill((pid_t)owner->process, 0) == 0 || errno == EPERM);
}

static int refuse(const struct ws_hold *hold, const struct owner *owner, struct ws_error *err) {
    if (!owner || owner->process == 0)
        return ws_error_set(err, WS_ERROR_FILE, hold->asked, "another run is writing the same file");
    return ws_error_set(err, WS_ERROR_FILE, hold->asked,
                        "another run (process %ld on %s) is writing the same file; if there is no such run any more, "
                        "remove %.200s",
                        owner->process, owner->host, hold->part);
}

// Whether the file open as `fd` is what stands under the part's name.
static int is_there(const struct ws_hold *hold, int fd) {
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && lstat(hold->part, &named) == 0 && open_file.st_dev == named.st_dev &&
           open_file.st_ino == named.st_ino;
}

// Removes a part that was left by a run that was killed, under its lock, so that nobody else does at the same time.
static int displace(const struct ws_hold *hold, struct ws_error *err) {
    struct stat old;
    if (lstat(hold->part, &old) != 0)
        return errno == ENOENT ? 0 : file_error(err, hold->asked, "cannot be written");
    if (!S_ISREG(old.st_mode))
        return ws_error_set(err, WS_ERROR_FILE, hold->asked, "cannot be written: %.200s is no file", hold->part);
    int fd = open(hold->part, O_RDWR | O_CLOEXEC | O_NOFOLLOW), status = 0;
    if (fd < 0)
        return errno == ENOENT ? 0 : file_error(err, hold->asked, "cannot be written");
    const enum lock lock = lock_file(fd);
    const struct owner owner = read_owner(fd);
    if (lock == HELD || (lock == NO_LOCKS && is_alive(&owner)))
        status = refuse(hold, &owner, err);
    else if (is_there(hold, fd))
        unlink(hold->part);
    close(fd);
    return status;
}

static int make_part(struct ws_hold *hold, struct ws_error *err) {
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    hold->fd = open(hold->part, flags, 0666);
    if (hold->fd < 0 && errno == EEXIST) {
        int status = displace(hold, err);
        if (status)
            return status;
        hold->fd = open(hold->part, flags, 0666);
    }
    if (hold->fd < 0)
        return file_error(err, hold->asked, "cannot be written");
    if (lock_file(hold->fd) == HELD || !is_there(hold, hold->fd)) // taken for a dead one's before it was locked
        return refuse(hold, NULL, err);
    if (sign(hold->fd))
        return file_error(err, hold->asked, "cannot be written");
    return 0;
}

static void drop_part(struct ws_hold *hold) {
    if (hold->fd < 0)
        return;
    if (is_there(hold, hold->fd))
        unlink(hold->part);
    close(hold->fd);
    hold->fd = -1;
}

void ws_place_release(struct ws_hold *hold) {
    if (hold)
        drop_part(hold);
    free(hold);
}

static int make_hold(struct ws_hold *hold, struct ws_error *err) {
    int status = follow(hold->asked, hold->target, err);
    if (!status && snprintf(hold->part, sizeof hold->part, "%s.part", hold->target) >= (int)sizeof hold->part)
        status = ws_error_set(err, WS_ERROR_FILE, hold->asked, "cannot be written: the name is too long");
    if (!status)
        status = check_present(hold, err);
    return status ? status : make_part(hold, err);
}

int ws_place_take(const char *path, int flags, struct ws_hold **out, struct ws_error *err) {
    struct ws_hold *hold = calloc(1, sizeof *hold);
    *out = NULL;
    if (!hold)
        return ws_error_set(err, WS_ERROR_MEMORY, path, "memory ran out");
    hold->flags = flags;
    hold->fd = -1;
    int status = snprintf(hold->asked, sizeof hold->asked, "%s", path) >= (int)sizeof hold->asked
                     ? ws_error_set(err, WS_ERROR_FILE, path, "cannot be written: the name is too long")
                     : make_hold(hold, err);
    if (status)
        ws_place_release(hold);
    else
        *out = hold;
    return status;
}

int ws_place_is_of(const struct ws_hold *hold, const char *path) {
    return hold && hold->fd >= 0 && strcmp(hold->asked, path) == 0;
}

int ws_place_is_held(const struct ws_hold *hold, struct ws_error *err) {
    struct stat named;
    if (is_there(hold, hold->fd) || lstat(hold->part, &named) != 0)
        return 0;
    return refuse(hold, NULL, err);
}

int ws_place_check(const char *path, int flags, struct ws_error *err) {
    struct ws_hold *hold;
    int status = ws_place_take(path, flags, &hold, err);
    ws_place_release(hold);
    return status;
}

int ws_place_free(const char *path, uint64_t *bytes) {
    char target[PATH_MAX];
    struct statvfs space;
    if (follow(path, target, NULL) || statvfs(dirname(target), &space) != 0)
        return -1;
    *bytes = (uint64_t)space.f_bavail * space.f_frsize;
    return 0;
}

// ---- writing ----

static int write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, bytes, size < SSIZE_MAX ? size : SSIZE_MAX);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

// Makes the new name last through a power failure. Some file systems cannot do that for a folder; the file is whole all
// the same.
static void sync_folder(const char *path) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

// link() fails where the name is taken, which rename() does not; but not every file system has it.
static int rename_part(const struct ws_hold *hold, struct ws_error *err) {
    if (hold->flags & WS_SAVE_NO_CLOBBER) {
        if (link(hold->part, hold->target) == 0) {
            unlink(hold->part);
            return 0;
        }
        if (errno == EEXIST)
            return ws_error_set(err, WS_ERROR_FILE, hold->asked, "is there already, and is not to be replaced");
    }
    return rename(hold->part, hold->target) ? file_error(err, hold->asked, "cannot be written") : 0;
}

// Where somebody has removed the part it is made again.
static int hold_on(struct ws_hold *hold, struct ws_error *err) {
    int status = ws_place_is_held(hold, err);
    if (status || is_there(hold, hold->fd))
        return status;
    close(hold->fd);
    return make_part(hold, err);
}

// Some file systems tell of trouble only where a file is closed. The lock stays with another descriptor.
static int close_written(struct ws_hold *hold) {
    int other = fcntl(hold->fd, F_DUPFD_CLOEXEC, 0);
    if (other < 0)
        return -1;
    int closed = close(hold->fd);
    hold->fd = other;
    return closed;
}

int ws_place_publish_by(struct ws_hold *hold, ws_place_writer *write, void *user, struct ws_error *err) {
    int status = check_present(hold, err);
    if (!status)
        status = hold_on(hold, err);
    if (status)
        return status;
    if (ftruncate(hold->fd, 0) || lseek(hold->fd, 0, SEEK_SET))
        return file_error(err, hold->asked, "cannot be written");
    status = write(user, hold->fd, err);
    if (status)
        return status;
    if (fsync(hold->fd) || close_written(hold))
        return file_error(err, hold->asked, "cannot be written");
    if (!is_there(hold, hold->fd))
        return refuse(hold, NULL, err);
    status = rename_part(hold, err);
    if (status)
        return status;
    close(hold->fd);
    hold->fd = -1;
    sync_folder(hold->target);
    return 0;
}

struct bytes {
    const char *path; // as the caller spells it
    const void *start;
    size_t size;
};

static int write_bytes(void *user, int fd, struct ws_error *err) {
    const struct bytes *bytes = user;
    return write_all(fd, bytes->start, bytes->size) ? file_error(err, bytes->path, "cannot be written") : 0;
}

int ws_place_publish(struct ws_hold *hold, const void *bytes, size_t size, struct ws_error *err) {
    return ws_place_publish_by(hold, write_bytes, &(struct bytes){hold->asked, bytes, size}, err);
}

static int write_new(const char *path, const char *part, ws_place_writer *write, void *user, struct ws_error *err) {
    unlink(part);
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return file_error(err, path, "cannot be written");
    int status = write(user, fd, err);
    if (!status && fsync(fd))
        status = file_error(err, path, "cannot be written");
    if (close(fd) && !status)
        status = file_error(err, path, "cannot be written");
    if (status)
        unlink(part);
    return status;
}

int ws_place_succeed_by(const char *path, const char *previous, ws_place_writer *write, void *user,
                        struct ws_error *err) {
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return ws_error_set(err, WS_ERROR_FILE, path, "cannot be written: the name is too long");
    int status = write_new(path, part, write, user, err);
    if (status)
        return status;
    if ((previous && rename(path, previous) && errno != ENOENT) || rename(part, path)) {
        file_error(err, path, "cannot be written");
        unlink(part);
        return WS_ERROR_FILE;
    }
    sync_folder(path);
    return 0;
}

int ws_place_succeed(const char *path, const char *previous, const void *bytes, size_t size, struct ws_error *err) {
    return ws_place_succeed_by(path, previous, write_bytes, &(struct bytes){path, bytes, size}, err);
}

int ws_place_write(const char *path, int flags, const void *bytes, size_t size, struct ws_error *err) {
    struct ws_hold *hold;
    int status = ws_place_take(path, flags, &hold, err);
    if (!status)
        status = ws_place_publish(hold, bytes, size, err);
    ws_place_release(hold);
    return status;
}
