/* Arenas: memory of one request, freed and wiped at once.
 * Rights: every process; none needed. */
#include "base/arena.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first block lies with the arena itself and is of a size that malloc keeps ready: most requests need no more. */
enum { FIRST_BYTES = 1024, BLOCK_BYTES = 4096 };

struct block {
        struct block *next;
        size_t used, size;
        _Alignas(16) unsigned char bytes[];
};

struct arena {
        struct block *first;
        _Alignas(16) struct block own;
};

static struct block *block_new(struct block *next, size_t size)
{
        struct block *block = mem_grow(NULL, 1, sizeof *block + size); /* pieces are zeroed as they are given out */
        *block = (struct block){.next = next, .size = size};
        return block;
}

struct arena *arena_new(void)
{
        struct arena *arena = mem_grow(NULL, 1, FIRST_BYTES);
        arena->own = (struct block){.size = FIRST_BYTES - sizeof *arena};
        arena->first = &arena->own;
        return arena;
}

void arena_free(struct arena *arena)
{
        if (arena == NULL)
                return;
        for (struct block *block = arena->first, *next; block != NULL; block = next) {
                next = block->next;
                crypto_wipe(block->bytes, block->used);
                if (block != &arena->own)
                        free(block);
        }
        free(arena);
}

void arena_freep(struct arena **arena)
{
        arena_free(*arena);
}

static void *take(struct arena *arena, size_t bytes)
{
        ASSERT(arena != NULL && bytes <= SIZE_MAX / 2);
        bytes = (bytes + 15) & ~(size_t)15;
        struct block *block = arena->first;
        if (block->size - block->used < bytes) {
                bool large = bytes > BLOCK_BYTES / 2;
                size_t size = large ? bytes : block == &arena->own ? BLOCK_BYTES : 4 * (size_t)BLOCK_BYTES;
                struct block *fresh = block_new(block, size);
                if (large) { /* gets a block of its own behind the first, so that the first's room is not lost */
                        fresh->next = block->next;
                        block->next = fresh;
                } else {
                        arena->first = fresh;
                }
                block = fresh;
        }
        void *memory = block->bytes + block->used;
        block->used += bytes;
        return memory;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
        return memset(take(arena, bytes), 0, bytes);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
        ASSERT(size != 0 && count <= SIZE_MAX / 4 / size);
        return arena_alloc(arena, count * size);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
        char *copy = take(arena, length + 1);
        if (length != 0)
                memcpy(copy, text, length);
        copy[length] = '\0';
        return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
        va_list again;
        va_copy(again, args);
        int length = vsnprintf(NULL, 0, format, args);
        ASSERT(length >= 0);
        char *text = arena_alloc(arena, (size_t)length + 1);
        vsnprintf(text, (size_t)length + 1, format, again);
        va_end(again);
        return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        char *text = arena_vprintf(arena, format, args);
        va_end(args);
        return text;
}
