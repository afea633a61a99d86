#pragma once
#include <sqlite3.h>

// Variadic in SQLite, which Swift cannot call.
static inline int sqlite3_config_memory_is_not_counted(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
