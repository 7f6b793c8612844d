// SPDX-License-Identifier: GPL-3.0-or-later
// A file driver of HDF5 on a file that is open already. It takes no locks, and after the first failure to write it
// takes what comes and drops it: HDF5 does not get over a full disk (closing the file fails, and so does the end of the
// program), but a file that was not written is thrown away in any case.
#ifndef WS_STORE_DISK_H
#define WS_STORE_DISK_H

#include <hdf5.h>

struct ws_disk {
    int fd;      // for reading and writing, of an empty file
    int trouble; // errno of the first failure to write, or 0
};

// Registers the driver and makes it that of a file access property list, for `disk`, which is to outlive the file.
// The driver's number, to be given to ws_disk_forget once the file is closed; negative where that failed.
hid_t ws_disk_use(hid_t access, struct ws_disk *disk);
void ws_disk_forget(hid_t driver);

#endif
