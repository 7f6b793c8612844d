// SPDX-License-Identifier: GPL-3.0-or-later
// A checksum of the whole file, behind the end of what HDF5 looks at.
//
// HDF5 1.10 checks what it reads of most structures, but not of the heaps that hold texts: one wrong bit there and it
// copies over the end of its buffers. So the file is looked at before HDF5 opens it. A program that changes the file
// cuts the seal off; a file without one is taken as it is.
#ifndef WS_STORE_SEAL_H
#define WS_STORE_SEAL_H

#include <stddef.h>

enum { WS_SEAL_BYTES = 16 };

// Writes WS_SEAL_BYTES behind the `size` bytes of a file.
void ws_seal_write(unsigned char *bytes, size_t size);
// Appends the seal to a file that is open for reading and writing. 0, or nonzero with a reason in errno.
int ws_seal_append(int fd);
enum ws_seal_state { WS_SEAL_SOUND, WS_SEAL_DAMAGED, WS_SEAL_NONE, WS_SEAL_UNREADABLE };
// Whether a file is as it was written; of one that cannot be read errno says why.
enum ws_seal_state ws_seal_check(const char *path);

#endif
