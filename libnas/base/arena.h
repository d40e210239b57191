/* One arena a request: everything a request allocates goes at once when it ends.
 * Memory that held a secret is wiped when the arena is freed (all of it is, it is cheap). */
#ifndef BULKHEAD_BASE_ARENA_H
#define BULKHEAD_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);   /* NULL is fine; wipes */
void arena_freep(struct arena **arena); /* for CLEANUP */

void *arena_alloc(struct arena *arena, size_t bytes);                   /* zeroed, aligned for anything, never NULL */
void *arena_array(struct arena *arena, size_t count, size_t size);      /* overflow-checked */
char *arena_text(struct arena *arena, const char *text, size_t length); /* copies, adds NUL */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
