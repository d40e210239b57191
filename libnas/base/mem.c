/* Allocation that cannot fail, and the hook by which tests make it fail.
 * Rights: every process; none needed. */
#include "base/mem.h"

#include "base/log.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned long allocations, fail_at;

void mem_fail_at(unsigned long nth)
{
        fail_at = nth == 0 ? 0 : allocations + nth;
}

unsigned long mem_count(void)
{
        return allocations;
}

static void *must(void *memory)
{
        allocations++;
        if (memory == NULL || allocations == fail_at)
                log_fatal("out of memory; nothing was left half done, the supervisor starts this process again");
        return memory;
}

void *mem_new(size_t count, size_t size)
{
        return must(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *mem_grow(void *old, size_t count, size_t size)
{
        ASSERT(size != 0 && count <= SIZE_MAX / size);
        return must(realloc(old, count * size == 0 ? 1 : count * size));
}

char *mem_copy_text(const char *text)
{
        ASSERT(text != NULL);
        return must(strdup(text));
}
