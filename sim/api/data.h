// SPDX-License-Identifier: GPL-3.0-or-later
// What is handed down to sim/study to read files with.
#ifndef WS_API_DATA_H
#define WS_API_DATA_H

#include "study/load.h"

extern const struct ws_reader ws_file_reader;

#endif
