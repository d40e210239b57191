/* Allocation that cannot fail: out of memory ends the process with a message (the supervisor
 * starts it again and the journal decides), and limits at every door see to it that no client
 * can cause it. Tests make the Nth allocation fail with mem_fail_at. */
#ifndef BULKHEAD_BASE_MEM_H
#define BULKHEAD_BASE_MEM_H

#include <stddef.h>

/* Zeroed memory; never NULL. Free with free(). */
void *mem_new(size_t count, size_t size);
/* As realloc; the new part is not zeroed. */
void *mem_grow(void *old, size_t count, size_t size);
char *mem_copy_text(const char *text);

/* Test hook: the nth allocation from now (1 is the next) acts as if memory were out.
 * 0 switches it off. Also set by the environment variable BULKHEAD_FAIL_ALLOC in test builds. */
void mem_fail_at(unsigned long nth);
unsigned long mem_count(void); /* allocations so far, to size a fault-injection loop */

#define CLEANUP(fn) __attribute__((cleanup(fn)))
/* Hands ownership out of a CLEANUP variable: return TAKE(thing); */
#define TAKE(pointer)                                                                                                  \
        ({                                                                                                             \
                __typeof__(pointer) taken_ = (pointer);                                                                \
                (pointer) = NULL;                                                                                      \
                taken_;                                                                                                \
        })
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
