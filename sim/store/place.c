// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

struct part {
    char path[PATH_MAX];
    int fd;
    struct stat identity;
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

static int check_present(const char *path, int flags, struct ws_error *err) {
    switch (ws_store_probe(path)) {
    case -1:
        return 0;
    case 1:
    case 2:
        if (flags & WS_SAVE_NO_CLOBBER)
            return ws_error_set(err, WS_ERROR_FILE, path, "is there already, and is not to be replaced");
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

// Makes it anew: one that is there was left by a run that was killed.
static int make_part(struct part *part, const char *path, struct ws_error *err) {
    struct stat old;
    int length = snprintf(part->path, sizeof part->path, "%s.part", path);
    if (length < 0 || (size_t)length >= sizeof part->path)
        return ws_error_set(err, WS_ERROR_FILE, path, "cannot be written: the name is too long");
    if (lstat(part->path, &old) == 0 && S_ISREG(old.st_mode))
        unlink(part->path);
    part->fd = open(part->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (part->fd < 0)
        return file_error(err, path, "cannot be written");
    if (fstat(part->fd, &part->identity) == 0)
        return 0;
    close(part->fd);
    unlink(part->path);
    return file_error(err, path, "cannot be written");
}

// Whether PATH.part is still this run's: another run with the same output would have made its own.
static int is_ours(const struct part *part) {
    struct stat now;
    return lstat(part->path, &now) == 0 && now.st_dev == part->identity.st_dev && now.st_ino == part->identity.st_ino;
}

static void remove_part(struct part *part) {
    if (part->fd >= 0)
        close(part->fd);
    part->fd = -1;
    if (is_ours(part))
        unlink(part->path);
}

int ws_place_check(const char *path, int flags, struct ws_error *err) {
    char target[PATH_MAX];
    struct part part;
    int status = follow(path, target, err);
    if (!status)
        status = check_present(target, flags, err);
    if (!status)
        status = make_part(&part, target, err);
    if (!status)
        remove_part(&part);
    return status;
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
static int publish(struct part *part, const char *path, int flags, struct ws_error *err) {
    if (!is_ours(part))
        return ws_error_set(err, WS_ERROR_FILE, path, "another run is writing the same file");
    if (flags & WS_SAVE_NO_CLOBBER) {
        if (link(part->path, path) == 0) {
            unlink(part->path);
            return 0;
        }
        if (errno == EEXIST)
            return ws_error_set(err, WS_ERROR_FILE, path, "is there already, and is not to be replaced");
    }
    return rename(part->path, path) ? file_error(err, path, "cannot be written") : 0;
}

static int write_there(const char *path, int flags, const void *bytes, size_t size, struct ws_error *err) {
    struct part part = {.fd = -1};
    int status = check_present(path, flags, err);
    if (!status)
        status = make_part(&part, path, err);
    if (status)
        return status;
    if (write_all(part.fd, bytes, size) || fsync(part.fd))
        status = file_error(err, path, "cannot be written");
    int closed = close(part.fd);
    part.fd = -1;
    if (!status && closed)
        status = file_error(err, path, "cannot be written");
    if (!status)
        status = publish(&part, path, flags, err);
    if (status)
        remove_part(&part);
    else
        sync_folder(path);
    return status;
}

int ws_place_write(const char *path, int flags, const void *bytes, size_t size, struct ws_error *err) {
    char target[PATH_MAX];
    int status = follow(path, target, err);
    return status ? status : write_there(target, flags, bytes, size, err);
}
