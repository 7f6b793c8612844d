// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WS_NUMERIC_TABLE_TREE_H
#define WS_NUMERIC_TABLE_TREE_H

#include "numeric/table.h"

// Makes table->tree; nonzero where memory runs out.
int ws_table_tree(struct ws_table *table);

#endif
