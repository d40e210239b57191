/* Journals of hands: read back after a crash, perhaps from a disk that lies. The fuzzer cannot guess the hashes, so
 * they are put on here: the input is a plan without secrets, then the kind, step and value of each record.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "plan/journal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void play(struct arena *arena, const struct plan *plan, const uint8_t *records, size_t length)
{
        struct journal journal, again;
        size_t head_length;
        const uint8_t *head = journal_head(plan, 1, (const uint8_t[HASH_BYTES]){0}, arena, &head_length);
        uint8_t *file = arena_alloc(arena, head_length + length * JOURNAL_RECORD_BYTES);
        memcpy(file, head, head_length);
        ASSERT(journal_parse(file, head_length, arena, &journal) == 0 && journal.length == head_length);
        size_t at = head_length;
        for (size_t i = 0; i + 3 <= length; i += 3) {
                uint16_t step = (uint16_t)(records[i + 1] % (plan->count + 1u));
                journal_record(&journal, (enum journal_kind)records[i], step, records[i + 2], file + at);
                journal_take(&journal, (enum journal_kind)records[i], step, records[i + 2]);
                at += JOURNAL_RECORD_BYTES;
        }
        ASSERT(journal_parse(file, at, arena, &again) == 0 && again.length == at);
        ASSERT(again.outcome == journal.outcome && journal_goes_forward(&again) == journal_goes_forward(&journal));
        if (at > head_length) { /* a torn or changed tail is not part of it */
                ASSERT(journal_parse(file, at - 1, arena, &again) == 0 && again.length == at - JOURNAL_RECORD_BYTES);
                file[at - 1] ^= 1;
                ASSERT(journal_parse(file, at, arena, &again) == 0 && again.length == at - JOURNAL_RECORD_BYTES);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct journal journal;
        (void)journal_parse(bytes, length, arena, &journal);
        size_t cut = length > 2 ? (size_t)bytes[0] << 8 | bytes[1] : 0;
        if (cut == 0 || cut > length - 2)
                return 0;
        struct plan *plan = plan_decode_blanked(arena, bytes + 2, cut, NULL);
        if (plan)
                play(arena, plan, bytes + 2 + cut, length - 2 - cut);
        return 0;
}
