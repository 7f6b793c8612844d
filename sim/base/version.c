// SPDX-License-Identifier: GPL-3.0-or-later
#include "revision.h"
#include "wattspan.h"

#define TEXT(x) #x
#define DOTTED(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

const char *ws_version(void) { return DOTTED(WS_VERSION_MAJOR, WS_VERSION_MINOR, WS_VERSION_PATCH); }

const char *ws_revision(void) { return WS_REVISION; }
