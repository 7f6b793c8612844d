// SPDX-License-Identifier: GPL-3.0-or-later
// The names by which a wattspan file is known. The version's number changes where a reader of the old files would go
// wrong; groups, variables and attributes may be added without.
#ifndef WS_STORE_ROOT_H
#define WS_STORE_ROOT_H

#define WS_FORMAT_NAME "wattspan"
#define WS_PART_NAME "wattspan part" // tallies of some of a run's groups: a shard, a checkpoint
enum { WS_FORMAT_VERSION = 1 };

#endif
