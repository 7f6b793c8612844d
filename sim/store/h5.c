// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- errors ----

struct reason {
    char text[256];
};

// Keeps the innermost description. Those of the system's errors hold "error message = 'No space left on device'" among
// numbers that mean nothing to a user.
static herr_t keep_reason(unsigned n, const H5E_error2_t *entry, void *user) {
    static const char lead[] = "error message = '";
    struct reason *reason = user;
    if (n > 0 || !entry->desc)
        return 0;
    const char *start = strstr(entry->desc, lead), *end = NULL;
    if (start) {
        start += sizeof lead - 1;
        end = strchr(start, '\'');
    }
    if (strstr(entry->desc, "truncated file"))
        snprintf(reason->text, sizeof reason->text, "the file is truncated");
    else if (end)
        snprintf(reason->text, sizeof reason->text, "%.*s", (int)(end - start), start);
    else
        snprintf(reason->text, sizeof reason->text, "%s", entry->desc);
    return 0;
}

static void fail(struct ws_h5 *h5, const char *reason, const char *format, va_list args) {
    if (h5->status)
        return;
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    h5->status = WS_ERROR_FILE;
    if (reason[0])
        ws_error_set(h5->err, WS_ERROR_FILE, h5->path, "%s: %s", text, reason);
    else
        ws_error_set(h5->err, WS_ERROR_FILE, h5->path, "%s", text);
}

void ws_h5_fail(struct ws_h5 *h5, const char *format, ...) {
    struct reason reason = {""};
    va_list args;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, &reason);
    va_start(args, format);
    fail(h5, reason.text, format, args);
    va_end(args);
}

void ws_h5_damaged(struct ws_h5 *h5, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fail(h5, "the file is damaged, or was not written by wattspan", format, args);
    va_end(args);
}

// Every session begins by telling HDF5 how it wants things: where one of these calls fails, no file is made or read.
static hid_t need(struct ws_h5 *h5, hid_t result) {
    if (result < 0)
        ws_h5_fail(h5, "HDF5 cannot be set up");
    return result;
}

// ---- a file in memory ----

// HDF5's memory driver gives its buffer back when the file is closed, and then it is taken. (H5Fget_file_image would
// copy the file as it is while open, and in HDF5 1.10 with a wrong checksum in its superblock.)
static void *grow_image(void *image, size_t size, H5FD_file_image_op_t operation, void *user) {
    (void)operation, (void)user;
    return realloc(image, size);
}

static herr_t take_image(void *image, H5FD_file_image_op_t operation, void *user) {
    struct ws_h5 *h5 = user;
    if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE) { // the last to be closed is the finished file
        free(h5->image);
        h5->image = image;
    } else {
        free(image);
    }
    return 0;
}

static void *same_user(void *user) { return user; }

static herr_t keep_user(void *user) {
    (void)user;
    return 0;
}

static void keep_in_memory(hid_t access, struct ws_h5 *h5) {
    H5FD_file_image_callbacks_t callbacks = {.image_realloc = grow_image,
                                             .image_free = take_image,
                                             .udata_copy = same_user,
                                             .udata_free = keep_user,
                                             .udata = h5};
    need(h5, H5Pset_fapl_core(access, 1 << 20, 0));
    // The image is in memory as it is: HDF5 need not keep the descriptions of a thousand variables beside it.
    H5AC_cache_config_t cache = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Pget_mdc_config(access, &cache) >= 0) {
        cache.set_initial_size = 1;
        cache.initial_size = cache.min_size = cache.max_size = 1 << 18;
        need(h5, H5Pset_mdc_config(access, &cache));
    }
    need(h5, H5Pset_file_image_callbacks(access, &callbacks));
}

// The buffer is larger than the file, whose end stands in a superblock of version 2 (HDF5 file format, section II.A).
static size_t end_of_file(const unsigned char *image) {
    enum { VERSION = 8, ADDRESS_SIZE = 9, END = 28 };
    uint64_t end = 0;
    if (image[VERSION] != 2 || image[ADDRESS_SIZE] != sizeof end)
        return 0;
    for (int i = sizeof end - 1; i >= 0; i--)
        end = end << 8 | image[END + i];
    return end;
}

// ---- the session ----

// Files are written in memory and published by rename, so nobody ever meets a file in the making: locks are needed for
// neither writing nor reading, and some cluster file systems refuse them.
static void forget_locking(struct ws_h5 *h5, hid_t access) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
    need(h5, H5Pset_file_locking(access, 0, 1));
#else
    (void)h5, (void)access;
#endif
}

// What HDF5 1.8 and every netCDF-4 library reads; closing the file closes what is open in it.
static hid_t access_plan(struct ws_h5 *h5, int mode) {
    hid_t access = need(h5, H5Pcreate(H5P_FILE_ACCESS));
    need(h5, H5Pset_fclose_degree(access, H5F_CLOSE_STRONG));
    if (mode == WS_H5_READ) {
        forget_locking(h5, access);
        return access;
    }
    need(h5, H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18));
    need(h5, H5Pset_meta_block_size(access, 1 << 16));
    if (mode == WS_H5_IMAGE)
        keep_in_memory(access, h5);
    else
        h5->driver = need(h5, ws_disk_use(access, h5->disk));
    return access;
}

enum { LINKS = 24, LINK_NAME = 14 }; // about what groups have, with their attributes
enum { MOST_COMPACT = 128 };         // links or attributes kept in an object's header; more go to a B-tree

// netCDF-4 asks for the creation order of links and attributes.
static void track_order(struct ws_h5 *h5, hid_t plan, int is_group) {
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    need(h5, H5Pset_attr_creation_order(plan, order));
    need(h5, H5Pset_attr_phase_change(plan, MOST_COMPACT, MOST_COMPACT / 2));
    if (is_group) {
        need(h5, H5Pset_link_creation_order(plan, order));
        need(h5, H5Pset_link_phase_change(plan, MOST_COMPACT, MOST_COMPACT / 2));
        need(h5, H5Pset_est_link_info(plan, LINKS, LINK_NAME));
    }
    need(h5, H5Pset_obj_track_times(plan, 0)); // equal runs give equal files
}

void ws_h5_expect_links(struct ws_h5 *h5, size_t n) {
    const unsigned links = n > LINKS && n <= MOST_COMPACT ? (unsigned)n : LINKS;
    need(h5, H5Pset_est_link_info(h5->group_plan, links, LINK_NAME));
}

enum { TEXT_BUFFER = 4096 };

static void make_types(struct ws_h5 *h5) {
    h5->scalar = need(h5, H5Screate(H5S_SCALAR));
    h5->text = need(h5, H5Tcopy(H5T_C_S1));
    need(h5, H5Tset_size(h5->text, H5T_VARIABLE));
    need(h5, H5Tset_cset(h5->text, H5T_CSET_UTF8));
    // HDF5 clears its conversion buffer for every transfer of texts, and by default that is 1 MiB.
    h5->text_transfer = need(h5, H5Pcreate(H5P_DATASET_XFER));
    need(h5, H5Pset_buffer(h5->text_transfer, TEXT_BUFFER, NULL, NULL));
}

static void make_plans(struct ws_h5 *h5) {
    // The two types that the dimension scale specification prescribes (HDF5 high-level library, H5DS).
    h5->dimension_list = need(h5, H5Tvlen_create(H5T_STD_REF_OBJ));
    h5->reference_list = need(h5, H5Tcreate(H5T_COMPOUND, sizeof(struct {
                                                hobj_ref_t dataset;
                                                int dimension;
                                            })));
    need(h5, H5Tinsert(h5->reference_list, "dataset", 0, H5T_STD_REF_OBJ));
    need(h5, H5Tinsert(h5->reference_list, "dimension", sizeof(hobj_ref_t), H5T_NATIVE_INT));
    h5->group_plan = need(h5, H5Pcreate(H5P_GROUP_CREATE));
    track_order(h5, h5->group_plan, 1);
    h5->plain = need(h5, H5Pcreate(H5P_DATASET_CREATE));
    track_order(h5, h5->plain, 0);
    h5->compact = need(h5, H5Pcopy(h5->plain));
    need(h5, H5Pset_layout(h5->compact, H5D_COMPACT));
    h5->counts = WS_NEW_ARRAY(h5->arena, struct ws_count_piece, WS_COUNT_PIECES);
}

static void close_id(hid_t *id, herr_t (*close)(hid_t)) {
    if (*id >= 0)
        close(*id);
    *id = H5I_INVALID_HID;
}

static void open_file(struct ws_h5 *h5, int mode) {
    hid_t access = access_plan(h5, mode), plan = H5I_INVALID_HID;
    if (mode != WS_H5_READ) {
        make_plans(h5);
        plan = need(h5, H5Pcreate(H5P_FILE_CREATE));
        track_order(h5, plan, 1);
        // A name that no file has: HDF5 would read the file, although it is to be made anew.
        if (!h5->status)
            h5->file = H5Fcreate(ws_arena_printf(h5->arena, "%s.part", h5->path), H5F_ACC_TRUNC, plan, access);
    } else if (!h5->status) {
        h5->file = H5Fopen(h5->path, H5F_ACC_RDONLY, access);
    }
    if (h5->file < 0)
        ws_h5_fail(h5, mode == WS_H5_READ ? "cannot be opened" : "cannot be made");
    close_id(&plan, H5Pclose);
    close_id(&access, H5Pclose);
}

// Closes everything; safe to call twice: the arena does it again.
static void finish(struct ws_h5 *h5) {
    if (!h5->arena)
        return;
    h5->arena = NULL;
    close_id(&h5->text, H5Tclose);
    close_id(&h5->scalar, H5Sclose);
    close_id(&h5->text_transfer, H5Pclose);
    close_id(&h5->reference_list, H5Tclose);
    close_id(&h5->dimension_list, H5Tclose);
    close_id(&h5->group_plan, H5Pclose);
    close_id(&h5->plain, H5Pclose);
    close_id(&h5->compact, H5Pclose);
    if (h5->file >= 0 && H5Fclose(h5->file) < 0)
        ws_h5_fail(h5, "cannot be closed");
    h5->file = H5I_INVALID_HID;
    ws_disk_forget(h5->driver);
    h5->driver = H5I_INVALID_HID;
    if (h5->disk && h5->disk->trouble) // whatever HDF5 said of it
        h5->status =
            ws_error_set(h5->err, WS_ERROR_FILE, h5->path, "cannot be written: %s", strerror(h5->disk->trouble));
    H5Eset_auto2(H5E_DEFAULT, h5->print, h5->print_data);
    h5->image_size = h5->image && !h5->status ? end_of_file(h5->image) : 0;
    if (h5->image && h5->image_size == 0) {
        ws_h5_fail(h5, "cannot be made");
        free(h5->image);
        h5->image = NULL;
    }
}

// By the arena. A file in memory that nobody took is left where memory ran out in the middle of it.
static void release(void *object) {
    struct ws_h5 *h5 = object;
    finish(h5);
    free(h5->image);
    h5->image = NULL;
}

static struct ws_h5 *start(const char *path, int mode, struct ws_disk *disk, struct ws_arena *arena,
                           struct ws_error *err) {
    struct ws_h5 *h5 = WS_NEW(arena, struct ws_h5);
    *h5 = (struct ws_h5){.path = path, .err = err, .disk = disk, .driver = H5I_INVALID_HID};
    h5->file = h5->text = h5->scalar = h5->reference_list = h5->dimension_list = H5I_INVALID_HID;
    h5->group_plan = h5->plain = h5->compact = h5->text_transfer = H5I_INVALID_HID;
    ws_arena_defer(arena, release, h5);
    h5->arena = arena;
    H5Eget_auto2(H5E_DEFAULT, &h5->print, &h5->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    make_types(h5);
    open_file(h5, mode);
    hsize_t size = 0;
    if (!h5->status && H5Fget_filesize(h5->file, &size) < 0)
        ws_h5_fail(h5, "its size cannot be read");
    h5->file_size = size;
    return h5;
}

struct ws_h5 *ws_h5_open(const char *path, int mode, struct ws_arena *arena, struct ws_error *err) {
    return start(path, mode, NULL, arena, err);
}

struct ws_h5 *ws_h5_create(const char *path, struct ws_disk *disk, struct ws_arena *arena, struct ws_error *err) {
    return start(path, WS_H5_DISK, disk, arena, err);
}

void ws_h5_release(hid_t object) {
    if (object >= 0)
        H5Idec_ref(object);
}

int ws_h5_close(struct ws_h5 *h5) {
    finish(h5);
    return h5->status;
}

int ws_h5_close_image(struct ws_h5 *h5, void **bytes, size_t *size) {
    finish(h5);
    *bytes = h5->image;
    *size = h5->image_size;
    h5->image = NULL;
    return h5->status;
}
