/* What bulkhead-names answers, who hears it from controllers and directories of others: the first byte chooses the
 * question. Whoever is taken from it is somebody of the domain or the directory, and what a step takes; nobody of this
 * machine comes of it. Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "state/names.h"
#include "value/folder_owner.h"
#include "value/types.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const questions[] = {"user A\\b",      "group A\\b c", "user carol@directory",
                                        "uid 1900001104", "gid 100500",   "groups A\\b"};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *question = questions[bytes[0] % ARRAY_SIZE(questions)];
        const struct names_answer one =
                names_answer_read(question, arena_text(arena, (const char *)bytes + 1, length - 1), arena);
        if (one.found != NAMES_FOUND || strncmp(question, "groups ", 7) == 0)
                return 0;
        const char *given = arena_printf(arena, "%u %s", one.number, one.name);
        ASSERT(owner_number_is_elsewhere(one.number) && owner_is_elsewhere(one.name));
        ASSERT(value_is(&value_folder_owner, one.name, strlen(one.name)));
        ASSERT(value_is(&value_given_owner, given, strlen(given)));
        return 0;
}
