/* What disks say of their health, as the hand copies it out: the first byte chooses the kind of disk.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/smart.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        uint8_t *copy = mem_new(length, 1); /* so that one byte too far is seen */
        memcpy(copy, bytes + 1, length - 1);
        const struct smart *smart = smart_read(SMART_KIND_ATA + bytes[0] % 3, copy, length - 1, arena);
        free(copy);
        ASSERT(smart->verdict == SMART_HEALTHY || smart->message);
        ASSERT(!smart->message || strlen(smart->message) <= 256);
        ASSERT(smart->attribute_count <= SMART_ATTRIBUTES_MAX && smart->test_count <= SMART_TESTS_MAX);
        ASSERT(!smart->testing || (smart->test_done >= 0 && smart->test_done <= 100));
        for (size_t i = 0; i < smart->attribute_count; i++) {
                ASSERT(text_printable(smart->attributes[i].name, strlen(smart->attributes[i].name)));
                ASSERT(strlen(smart->attributes[i].name) <= 64);
                ASSERT(smart->attributes[i].raw >= 0 && smart->attributes[i].raw < 1LL << 53);
        }
        return 0;
}
