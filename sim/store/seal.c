// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

// Both in the byte order of the machine, which the checksum depends on, too: elsewhere the mark is not known, and the
// file counts as one without a seal.
struct seal {
    uint64_t mark, sum;
};
_Static_assert(sizeof(struct seal) == WS_SEAL_BYTES, "a seal is two words");

static const uint64_t mark = UINT64_C(0x776174747365616c);

enum { PIECE_BYTES = 1 << 20 }; // files are summed in pieces, so that they need not fit into memory

static uint64_t add_piece(uint64_t sum, const void *bytes, size_t size) {
    const uint64_t both[2] = {sum, ws_checksum(bytes, size)};
    return ws_checksum(both, sizeof both);
}

void ws_seal_write(unsigned char *bytes, size_t size) {
    struct seal seal = {mark, size};
    for (size_t done = 0; done < size; done += PIECE_BYTES)
        seal.sum = add_piece(seal.sum, bytes + done, size - done < PIECE_BYTES ? size - done : PIECE_BYTES);
    memcpy(bytes + size, &seal, sizeof seal);
}

static int read_full(int fd, unsigned char *buffer, size_t size) {
    for (size_t have = 0; have < size;) {
        ssize_t n = read(fd, buffer + have, size - have);
        if (n <= 0)
            return -1;
        have += (size_t)n;
    }
    return 0;
}

// The sum of the first `size` bytes; nonzero where they cannot be read.
static int sum_file(int fd, size_t size, unsigned char *buffer, uint64_t *sum) {
    *sum = size;
    for (size_t done = 0; done < size; done += PIECE_BYTES) {
        size_t piece = size - done < PIECE_BYTES ? size - done : PIECE_BYTES;
        if (read_full(fd, buffer, piece) != 0)
            return -1;
        *sum = add_piece(*sum, buffer, piece);
    }
    return 0;
}

static int append(int fd, size_t size, unsigned char *buffer) {
    struct seal seal = {.mark = mark};
    if (lseek(fd, 0, SEEK_SET) != 0 || sum_file(fd, size, buffer, &seal.sum) != 0)
        return -1;
    errno = ENOSPC;
    return pwrite(fd, &seal, sizeof seal, (off_t)size) == sizeof seal ? 0 : -1;
}

int ws_seal_append(int fd) {
    struct stat info;
    unsigned char *buffer = fstat(fd, &info) == 0 ? malloc(PIECE_BYTES) : NULL;
    int failed = !buffer || append(fd, (size_t)info.st_size, buffer) != 0;
    free(buffer);
    return failed ? -1 : 0;
}

static enum ws_seal_state check(int fd) {
    struct seal seal;
    struct stat info;
    uint64_t sum;
    if (fstat(fd, &info) != 0)
        return WS_SEAL_UNREADABLE;
    if (info.st_size < WS_SEAL_BYTES)
        return WS_SEAL_NONE;
    size_t size = (size_t)info.st_size - WS_SEAL_BYTES;
    if (pread(fd, &seal, sizeof seal, (off_t)size) != sizeof seal)
        return WS_SEAL_UNREADABLE;
    if (seal.mark != mark)
        return WS_SEAL_NONE;
    unsigned char *buffer = malloc(PIECE_BYTES);
    int failed = !buffer || sum_file(fd, size, buffer, &sum) != 0;
    free(buffer);
    return failed ? WS_SEAL_UNREADABLE : sum == seal.sum ? WS_SEAL_SOUND : WS_SEAL_DAMAGED;
}

enum ws_seal_state ws_seal_check(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return WS_SEAL_UNREADABLE;
    enum ws_seal_state state = check(fd);
    close(fd);
    return state;
}
