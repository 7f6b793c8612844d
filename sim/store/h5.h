// SPDX-License-Identifier: GPL-3.0-or-later
// A session with the HDF5 library: one open file, its error texts, and what every call shares.
//
// Trouble is sticky: the first failure fills the error record, and every later call does nothing. Callers write a group
// in one go and look at `status` at its end. All memory is the arena's; releasing the session (which the arena does
// where memory runs out) closes the file and with it every object that is still open.
#ifndef WS_STORE_H5_H
#define WS_STORE_H5_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/disk.h"

// Pieces of axes that count from 0, as they lie compressed in the file: count.c.
enum { WS_COUNT_PIECE = 2048, WS_COUNT_PIECES = 64 };
struct ws_count_piece {
    size_t size; // 0: not there
    unsigned char bytes[504];
};

struct ws_h5 {
    struct ws_arena *arena;
    const char *path; // for messages
    struct ws_error *err;
    int status; // 0, or the first failure's

    hid_t file;
    hid_t text, scalar;                   // a string of any length in UTF-8; the dataspace of one value
    hid_t text_transfer;                  // for reading and writing texts
    hid_t reference_list, dimension_list; // types of the attributes that tie axes to their scales
    hid_t group_plan, plain, compact;     // creation properties: groups, datasets, small datasets
    struct ws_count_piece *counts;        // WS_COUNT_PIECES of them; NULL in a file that is read
    uint64_t file_size;                   // of a file that is read
    struct ws_disk *disk;                 // under a new file on disk; else NULL
    hid_t driver;                         // its driver
    void *image;                          // of a new file, once it is closed
    size_t image_size;

    H5E_auto2_t print; // the caller's own error printing, put back at the end
    void *print_data;
};

enum ws_h5_mode {
    WS_H5_IMAGE, // a new file in memory, to be taken with ws_h5_close_image
    WS_H5_READ,  // an existing file
    WS_H5_DISK   // a new file on disk: ws_h5_create
};

// Starts a session; look at `status` of what is returned. It is released by the arena, or earlier by ws_h5_close.
struct ws_h5 *ws_h5_open(const char *path, int mode, struct ws_arena *arena, struct ws_error *err);
// The same for a new file that is written to disk while it is made.
struct ws_h5 *ws_h5_create(const char *path, struct ws_disk *disk, struct ws_arena *arena, struct ws_error *err);
// Ends the session; the status of everything that was done in it.
int ws_h5_close(struct ws_h5 *h5);
// The same for a new file, whose bytes are then the caller's to free.
int ws_h5_close_image(struct ws_h5 *h5, void **bytes, size_t *size);
// Lets go of an identifier of any kind; one that was never had is passed over.
void ws_h5_release(hid_t object);

// Room for the names of n links from now on in the headers of new groups, which would grow with each of them; 0: for
// about as many as most groups have.
void ws_h5_expect_links(struct ws_h5 *h5, size_t n);

// Records a failure with HDF5's own reason where it has one.
void ws_h5_fail(struct ws_h5 *h5, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Records that the file holds what no wattspan file holds.
void ws_h5_damaged(struct ws_h5 *h5, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
