// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef WS_ARENA_CHUNK // bytes that are allocated at a time; tests that let allocations fail want many small ones
#define WS_ARENA_CHUNK (64 * 1024)
#endif

enum { LINE = 64, SMALL = 16 };

struct ws_arena_chunk {
    struct ws_arena_chunk *next;
    void *memory;             // that the chunk lies in
    size_t used, dirty, size; // of the bytes from data on; what is beyond dirty is still zero
    alignas(LINE) unsigned char data[];
};

struct ws_arena_deferred {
    struct ws_arena_deferred *next;
    void (*release)(void *object);
    void *object;
};

struct ws_arena *ws_arena_create(void) {
    return calloc(1, sizeof(struct ws_arena));
}

void ws_arena_destroy(struct ws_arena *arena) {
    if (!arena)
        return;
    for (struct ws_arena_deferred *d = arena->deferred; d; d = d->next)
        d->release(d->object);
    for (struct ws_arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk->memory);
    }
    free(arena);
}

size_t ws_arena_bytes(const struct ws_arena *arena) {
    size_t bytes = sizeof *arena;
    for (const struct ws_arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
        bytes += sizeof *chunk + chunk->size;
    return bytes;
}

struct ws_arena_mark ws_arena_mark(const struct ws_arena *arena) {
    return (struct ws_arena_mark){arena->chunks, arena->chunks ? arena->chunks->used : 0};
}

void ws_arena_release(struct ws_arena *arena, struct ws_arena_mark mark) {
    while (arena->chunks != mark.chunk) {
        struct ws_arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk->memory);
    }
    if (mark.chunk)
        mark.chunk->used = mark.used;
}

static _Noreturn void out_of_memory(struct ws_arena *arena) {
    if (!arena->catching)
        abort(); // a caller without ws_arena_catch is a defect of this library
    longjmp(arena->on_failure, 1);
}

// Zeroed by calloc, which knows of memory that comes from the system that it is zero, so that pages nobody writes to
// are never touched. Aligned here, since what aligned_alloc has given is not taken again for the next of its size by
// the GNU C library of Debian 12: with large chunks, released and needed anew, the process would grow each time.
static struct ws_arena_chunk *add_chunk(struct ws_arena *arena, size_t size) {
    struct ws_arena_chunk *chunk;
    unsigned char *memory = NULL;
    if (size <= SIZE_MAX - sizeof *chunk - LINE)
        memory = calloc(1, sizeof *chunk + size + LINE - 1);
    if (!memory)
        return NULL;
    chunk = (void *)(memory + (LINE - (uintptr_t)memory % LINE) % LINE);
    chunk->memory = memory;
    chunk->size = size;
    chunk->used = chunk->dirty = 0;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

// NULL where memory runs out.
static void *take(struct ws_arena *arena, size_t size) {
    size_t align = size >= LINE ? LINE : SMALL;
    struct ws_arena_chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + align - 1) / align * align : 0;
    if (!chunk || start > chunk->size || size > chunk->size - start) {
        chunk = add_chunk(arena, size > WS_ARENA_CHUNK ? size : WS_ARENA_CHUNK);
        start = 0;
    }
    if (!chunk)
        return NULL;
    if (start < chunk->dirty)
        memset(chunk->data + start, 0, chunk->dirty - start < size ? chunk->dirty - start : size);
    chunk->used = start + size;
    chunk->dirty = chunk->dirty > chunk->used ? chunk->dirty : chunk->used;
    return chunk->data + start;
}

void *ws_arena_alloc(struct ws_arena *arena, size_t size) {
    void *memory = take(arena, size);
    if (!memory)
        out_of_memory(arena);
    return memory;
}

void *ws_arena_array(struct ws_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory(arena);
    return ws_arena_alloc(arena, bytes);
}

char *ws_arena_copy_n(struct ws_arena *arena, const char *text, size_t length) {
    char *copy = ws_arena_array(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *ws_arena_copy(struct ws_arena *arena, const char *text) { return ws_arena_copy_n(arena, text, strlen(text)); }

char *ws_arena_vprintf(struct ws_arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = ws_arena_array(arena, length < 0 ? 1 : (size_t)length + 1, 1);
    if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *ws_arena_printf(struct ws_arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = ws_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void ws_arena_defer(struct ws_arena *arena, void (*release)(void *object), void *object) {
    struct ws_arena_deferred *deferred = take(arena, sizeof *deferred);
    if (!deferred) {
        release(object);
        out_of_memory(arena);
    }
    *deferred = (struct ws_arena_deferred){arena->deferred, release, object};
    arena->deferred = deferred;
}

void *ws_arena_grow(struct ws_arena *arena, void *items, size_t count, size_t size) {
    const size_t least = 8;
    if (count == 0)
        return items ? items : ws_arena_array(arena, least, size);
    if (count < least || (count & (count - 1)) != 0)
        return items;
    size_t doubled;
    if (__builtin_mul_overflow(count, (size_t)2, &doubled))
        out_of_memory(arena);
    return memcpy(ws_arena_array(arena, doubled, size), items, count * size);
}
