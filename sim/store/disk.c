// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

struct file {
    H5FD_t pub; // HDF5 wants it first
    struct ws_disk *disk;
    haddr_t eoa, eof; // end of what is allocated, of what was written
};

static H5FD_t *open_file(const char *name, unsigned flags, hid_t access, haddr_t most_address) {
    (void)name, (void)flags, (void)most_address;
    struct ws_disk *const *disk = H5Pget_driver_info(access);
    struct file *file = disk ? calloc(1, sizeof *file) : NULL;
    if (!file)
        return NULL;
    file->disk = *disk;
    return &file->pub;
}

static herr_t close_file(H5FD_t *file) {
    free(file);
    return 0;
}

static herr_t query(const H5FD_t *file, unsigned long *flags) {
    (void)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

static haddr_t get_eoa(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const struct file *)file)->eoa;
}

static herr_t set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t address) {
    (void)type;
    ((struct file *)file)->eoa = address;
    return 0;
}

static haddr_t get_eof(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const struct file *)file)->eof;
}

// What lies beyond the file's end is zero.
static herr_t read_bytes(H5FD_t *pub, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer) {
    (void)type, (void)transfer;
    const struct file *file = (const struct file *)pub;
    char *at = buffer;
    while (size > 0) {
        ssize_t n = pread(file->disk->fd, at, size, (off_t)address);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        at += n;
        address += (haddr_t)n;
        size -= (size_t)n;
    }
    memset(at, 0, size);
    return 0;
}

static herr_t write_bytes(H5FD_t *pub, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                          const void *buffer) {
    (void)type, (void)transfer;
    struct file *file = (struct file *)pub;
    const char *at = buffer;
    if (address + size > file->eof)
        file->eof = address + size;
    while (size > 0 && !file->disk->trouble) {
        ssize_t n = pwrite(file->disk->fd, at, size, (off_t)address);
        if (n < 0 && errno != EINTR)
            file->disk->trouble = errno;
        if (n <= 0)
            continue;
        at += n;
        address += (haddr_t)n;
        size -= (size_t)n;
    }
    return 0;
}

// The file gets the size that it has in HDF5's eyes, also where its last bytes were never written.
static herr_t truncate_file(H5FD_t *pub, hid_t transfer, hbool_t closing) {
    (void)transfer, (void)closing;
    struct file *file = (struct file *)pub;
    if (file->eof != file->eoa && !file->disk->trouble && ftruncate(file->disk->fd, (off_t)file->eoa))
        file->disk->trouble = errno;
    file->eof = file->eoa;
    return 0;
}

static const H5FD_class_t driver_class = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)510, // of the numbers that are nobody's
#endif
    .name = "wattspan",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(struct ws_disk *),
    .open = open_file,
    .close = close_file,
    .query = query,
    .get_eoa = get_eoa,
    .set_eoa = set_eoa,
    .get_eof = get_eof,
    .read = read_bytes,
    .write = write_bytes,
    .truncate = truncate_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t ws_disk_use(hid_t access, struct ws_disk *disk) {
    hid_t driver = H5FDregister(&driver_class);
    if (driver >= 0 && H5Pset_driver(access, driver, &disk) >= 0)
        return driver;
    ws_disk_forget(driver);
    return H5I_INVALID_HID;
}

void ws_disk_forget(hid_t driver) {
    if (driver >= 0)
        H5FDunregister(driver);
}
