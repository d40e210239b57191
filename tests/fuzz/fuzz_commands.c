/* What somebody with a key that may only receive asks for.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/far/commands.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char *text = mem_new(length + 1, 1);
        const char *words[COMMAND_WORDS_MAX + 1];
        memcpy(text, bytes, length);
        if (command_find(text, "/a") != COMMAND_COUNT) {
                ASSERT(!strpbrk(text, "\"'`$\\|&;<>()*?[]#~!\n\t") && !strstr(text, "/.."));
                ASSERT(command_split(text, words) && words[0]);
        }
        free(text);
        return 0;
}
