/* The layout of journals.
 * Rights: none; pure functions of hands. Journals are the hand's own, but a disk may lie: fuzzed. */
#include "plan/journal.h"

#include "base/log.h"

#include <string.h>

#define JOURNAL_MAGIC "bulkhead journal 1" /* its NUL is part of the layout */

enum { CHECK_BYTES = 4 };

uint8_t *journal_head(const struct plan *plan, uint32_t subject, const uint8_t digest[HASH_BYTES], struct arena *arena,
                      size_t *ret_length)
{
        ASSERT(plan && digest && arena && ret_length);
        size_t plan_length;
        uint8_t check[HASH_BYTES];
        const uint8_t *blanked = plan_encode_blanked(plan, arena, &plan_length);
        size_t size = sizeof(JOURNAL_MAGIC) + 4 + plan_length + 4 + 2 * HASH_BYTES;
        uint8_t *head = arena_alloc(arena, size + JOURNAL_RECORD_BYTES);
        struct writer writer = writer_of(head, size);
        writer_copy(&writer, JOURNAL_MAGIC, sizeof(JOURNAL_MAGIC));
        writer_field32(&writer, blanked, plan_length);
        writer_u32(&writer, subject);
        writer_copy(&writer, digest, HASH_BYTES);
        crypto_sha256(head, writer_length(&writer), check);
        writer_copy(&writer, check, HASH_BYTES);
        ASSERT(!writer.bad);
        *ret_length = size;
        return head;
}

void journal_record(const struct journal *journal, enum journal_kind kind, uint16_t step, uint8_t value,
                    uint8_t ret_record[JOURNAL_RECORD_BYTES])
{
        ASSERT(journal && ret_record);
        uint8_t hash[HASH_BYTES], bytes[HASH_BYTES + 12];
        struct writer writer = writer_of(bytes, sizeof(bytes));
        writer_copy(&writer, journal->check, sizeof(journal->check));
        writer_u64(&writer, journal->length);
        writer_u8(&writer, (uint8_t)kind);
        writer_u16(&writer, step);
        writer_u8(&writer, value);
        crypto_sha256(bytes, sizeof(bytes), hash);
        memcpy(ret_record, bytes + sizeof(bytes) - CHECK_BYTES, CHECK_BYTES);
        memcpy(ret_record + CHECK_BYTES, hash, CHECK_BYTES);
}

void journal_take(struct journal *journal, enum journal_kind kind, uint16_t number, uint8_t value)
{
        ASSERT(journal && number <= journal->plan->count);
        struct journal_step *step = &journal->steps[number];
        step->begun |= kind == JOURNAL_BEGUN;
        step->done |= kind == JOURNAL_DONE;
        step->undone |= kind == JOURNAL_UNDO_DONE;
        step->undo_tries += kind == JOURNAL_UNDO_BEGUN && step->undo_tries < JOURNAL_UNDO_TRIES;
        if (kind == JOURNAL_UNDO_DONE)
                step->done = false;
        if (kind == JOURNAL_OUTCOME)
                journal->outcome = (enum outcome)value;
        /* Until it is said where it stopped, that is where it has come to. */
        if (kind == JOURNAL_OUTCOME || kind == JOURNAL_BEGUN)
                journal->stopped = kind == JOURNAL_BEGUN ? (uint16_t)(number + 1) : number;
        journal->length += JOURNAL_RECORD_BYTES;
}

static void read_records(struct journal *journal, const uint8_t *bytes, size_t length)
{
        while (length - journal->length >= JOURNAL_RECORD_BYTES) {
                const uint8_t *at = bytes + journal->length;
                uint16_t step = (uint16_t)(at[1] << 8 | at[2]);
                uint8_t expected[JOURNAL_RECORD_BYTES];
                journal_record(journal, (enum journal_kind)at[0], step, at[3], expected);
                if (memcmp(at, expected, sizeof(expected)) != 0 || step > journal->plan->count)
                        return;
                journal_take(journal, (enum journal_kind)at[0], step, at[3]);
        }
}

int journal_parse(const void *bytes, size_t length, struct arena *arena, struct journal *ret_journal)
{
        ASSERT((bytes || length == 0) && arena && ret_journal);
        struct reader reader = reader_of(bytes, length);
        struct journal journal = {0};
        char magic[sizeof(JOURNAL_MAGIC)];
        uint8_t check[HASH_BYTES];
        size_t plan_length;
        reader_copy(&reader, magic, sizeof(magic));
        const uint8_t *plan = reader_field32(&reader, &plan_length);
        journal.subject = reader_u32(&reader);
        reader_copy(&reader, journal.digest, sizeof(journal.digest));
        size_t hashed = (size_t)(reader.at - (const uint8_t *)bytes);
        reader_copy(&reader, journal.check, sizeof(journal.check));
        if (reader.bad || memcmp(magic, JOURNAL_MAGIC, sizeof(magic)) != 0)
                return -1;
        crypto_sha256(bytes, hashed, check);
        journal.plan = memcmp(check, journal.check, HASH_BYTES) == 0
                               ? plan_decode_blanked(arena, plan, plan_length, NULL)
                               : NULL;
        if (!journal.plan)
                return -1;
        journal.steps = arena_array(arena, journal.plan->count + 1u, sizeof(*journal.steps));
        journal.length = hashed + HASH_BYTES;
        read_records(&journal, bytes, length);
        *ret_journal = journal;
        return 0;
}

bool journal_goes_forward(const struct journal *journal)
{
        ASSERT(journal);
        bool destroyed = false, all_done = true;
        for (size_t i = 0; i < journal->plan->count; i++) {
                const struct journal_step *step = &journal->steps[i];
                const struct action *action = &journal->plan->steps[i];
                if (step->undone || step->undo_tries > 0)
                        return false;
                destroyed |=
                        step->begun && (journal->plan->operations->list[action->operation].flags & OPERATION_ONWARD);
                all_done &= step->done;
        }
        return destroyed || all_done;
}
