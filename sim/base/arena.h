// SPDX-License-Identifier: GPL-3.0-or-later
// Arenas: everything that lives and dies together is allocated together.
//
// An allocation from an arena never returns NULL: where memory runs out it jumps back to the place
// that set ws_arena_catch (always a function of sim/api, which then destroys the arena and returns
// WS_ERROR_MEMORY). A foreign handle held across an allocation (a parsed document, a unit) is handed to
// the arena with ws_arena_defer, so that destroying the arena releases it too. Arenas are not for
// use inside parallel regions.
#ifndef WS_BASE_ARENA_H
#define WS_BASE_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

struct ws_arena_chunk;
struct ws_arena_deferred;

struct ws_arena {
    jmp_buf on_failure;
    int catching;                       // on_failure has been set
    struct ws_arena_chunk *chunks;      // newest first
    struct ws_arena_deferred *deferred; // newest first; run in this order by ws_arena_destroy
};

// NULL where memory runs out.
struct ws_arena *ws_arena_create(void);
// Runs the deferred releases, newest first, then frees all memory. Accepts NULL.
void ws_arena_destroy(struct ws_arena *arena);

// What the arena has taken from the system.
size_t ws_arena_bytes(const struct ws_arena *arena);

// A place in an arena, to give back all that was allocated since: scratch memory of a computation whose arena lives on.
// Nothing may have been deferred in between.
struct ws_arena_mark {
    struct ws_arena_chunk *chunk;
    size_t used;
};
struct ws_arena_mark ws_arena_mark(const struct ws_arena *arena);
void ws_arena_release(struct ws_arena *arena, struct ws_arena_mark mark);

// 0 when called; nonzero when a later allocation from the arena has failed and jumped back here.
// The calling function must still be running whenever the arena is used.
#define ws_arena_catch(arena) ((arena)->catching = 1, setjmp((arena)->on_failure))

// `size` bytes, zeroed, aligned to 64 bytes when size >= 64, else to 16.
void *ws_arena_alloc(struct ws_arena *arena, size_t size) __attribute__((returns_nonnull));
// count * size bytes, zeroed; a product that overflows counts as memory running out.
void *ws_arena_array(struct ws_arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
char *ws_arena_copy(struct ws_arena *arena, const char *text) __attribute__((returns_nonnull));
char *ws_arena_copy_n(struct ws_arena *arena, const char *text, size_t length) __attribute__((returns_nonnull));
char *ws_arena_printf(struct ws_arena *arena, const char *format, ...)
    __attribute__((returns_nonnull, format(printf, 2, 3)));
char *ws_arena_vprintf(struct ws_arena *arena, const char *format, va_list args) __attribute__((returns_nonnull));
// Calls release(object) when the arena is destroyed. If recording it fails, the object is released at once.
void ws_arena_defer(struct ws_arena *arena, void (*release)(void *object), void *object);

// Grows an array of `count` items to hold one more (capacities are powers of two from 8); returns the array.
//   items = ws_arena_grow(arena, items, count, sizeof *items); items[count++] = ...;
void *ws_arena_grow(struct ws_arena *arena, void *items, size_t count, size_t size) __attribute__((returns_nonnull));

#define WS_NEW(arena, type) ((type *)ws_arena_alloc((arena), sizeof(type)))
#define WS_NEW_ARRAY(arena, type, count) ((type *)ws_arena_array((arena), (count), sizeof(type)))

#endif
