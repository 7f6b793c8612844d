// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WS_CLI_HEAP_H
#define WS_CLI_HEAP_H

// Asks for large pages for the program's heap; to be called before there is much in it.
void ws_heap_begin(void);

#endif
