/* The journal of plans.
 * Rights: hands only; files below the hand's own journal directory, which nobody else can read. */
#include "act/journal.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOURNAL_MAGIC "bulkhead journal 1" /* its NUL is part of the layout */

enum { RECORD_BYTES = 8, CHECK_BYTES = 4, KEPT_MAX = 128 * 1024, KEPT_NAME_SIZE = JOURNAL_NAME_SIZE + 8 };

void journal_name(const uint8_t id[PLAN_ID_BYTES], char ret_name[JOURNAL_NAME_SIZE])
{
        ASSERT(id && ret_name);
        text_hex(id, PLAN_ID_BYTES, ret_name);
}

/* Head and place make a record valid here and nowhere else. */
static void record_make(const struct journal *journal, uint8_t kind, uint16_t step, uint8_t value,
                        uint8_t target[RECORD_BYTES])
{
        uint8_t hash[HASH_BYTES], bytes[HASH_BYTES + 12];
        struct writer writer = writer_of(bytes, sizeof(bytes));
        writer_copy(&writer, journal->check, sizeof(journal->check));
        writer_u64(&writer, journal->length);
        writer_u8(&writer, kind);
        writer_u16(&writer, step);
        writer_u8(&writer, value);
        crypto_sha256(bytes, sizeof(bytes), hash);
        memcpy(target, bytes + sizeof(bytes) - (RECORD_BYTES - CHECK_BYTES), RECORD_BYTES - CHECK_BYTES);
        memcpy(target + RECORD_BYTES - CHECK_BYTES, hash, CHECK_BYTES);
}

static void take_record(struct journal *journal, uint8_t kind, uint16_t number, uint8_t value)
{
        struct journal_step *step = &journal->steps[number];
        step->begun |= kind == JOURNAL_BEGUN;
        step->done |= kind == JOURNAL_DONE;
        step->undone |= kind == JOURNAL_UNDO_DONE;
        step->undo_tries += kind == JOURNAL_UNDO_BEGUN && step->undo_tries < UINT8_MAX;
        if (kind == JOURNAL_OUTCOME) {
                journal->outcome = (enum outcome)value;
                journal->stopped = number;
        }
}

int journal_add(struct journal *journal, enum journal_kind kind, uint16_t step, uint8_t value)
{
        ASSERT(journal && step <= journal->plan->count);
        uint8_t record[RECORD_BYTES];
        record_make(journal, (uint8_t)kind, step, value, record);
        ssize_t written = pwrite(journal->fd, record, sizeof(record), (off_t)journal->length);
        if (written != RECORD_BYTES)
                return written < 0 ? -errno : -EIO;
        if (fdatasync(journal->fd) != 0)
                return -errno;
        journal->length += RECORD_BYTES;
        take_record(journal, (uint8_t)kind, step, value);
        return 0;
}

static bool exists(int directory, const char *name)
{
        return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int journal_create(int directory, const uint8_t id[PLAN_ID_BYTES], const struct plan *plan, uint32_t subject,
                   const uint8_t digest[HASH_BYTES], struct arena *arena, struct journal *ret_journal)
{
        ASSERT(plan && digest && arena && ret_journal);
        struct journal journal = {.directory = directory, .subject = subject};
        size_t plan_length;
        const uint8_t *blanked = plan_encode_blanked(plan, arena, &plan_length);
        size_t size = sizeof(JOURNAL_MAGIC) + 4 + plan_length + 4 + 2 * HASH_BYTES;
        uint8_t *head = arena_alloc(arena, size);
        struct writer writer = writer_of(head, size);
        writer_copy(&writer, JOURNAL_MAGIC, sizeof(JOURNAL_MAGIC));
        writer_field32(&writer, blanked, plan_length);
        writer_u32(&writer, subject);
        writer_copy(&writer, digest, HASH_BYTES);
        crypto_sha256(head, writer_length(&writer), journal.check);
        writer_copy(&writer, journal.check, HASH_BYTES);
        ASSERT(!writer.bad);
        journal_name(id, journal.name);
        if (exists(directory, journal.name))
                return -EEXIST;
        int result = file_replace(directory, journal.name, head, size, 0600, (uid_t)-1, (gid_t)-1);
        if (result != 0)
                return result;
        result = journal_load(directory, journal.name, arena, ret_journal);
        /* Room for all that can follow, so that a full disk is found before the first step. */
        off_t room = (off_t)(plan->count * (3u + JOURNAL_UNDO_TRIES) + 1u) * RECORD_BYTES;
        if (result == 0 && fallocate(ret_journal->fd, FALLOC_FL_KEEP_SIZE, (off_t)size, room) != 0 &&
            errno != EOPNOTSUPP) {
                result = -errno;
                journal_close(ret_journal);
        }
        if (result != 0)
                file_remove(directory, journal.name);
        return result;
}

/* The head: what the plan was. */
static int read_head(struct journal *journal, const uint8_t *bytes, size_t length, struct arena *arena)
{
        struct reader reader = reader_of(bytes, length);
        char magic[sizeof(JOURNAL_MAGIC)];
        uint8_t digest[HASH_BYTES], check[HASH_BYTES];
        size_t plan_length;
        reader_copy(&reader, magic, sizeof(magic));
        const uint8_t *plan = reader_field32(&reader, &plan_length);
        journal->subject = reader_u32(&reader);
        reader_copy(&reader, digest, sizeof(digest));
        size_t hashed = (size_t)(reader.at - bytes);
        reader_copy(&reader, journal->check, sizeof(journal->check));
        if (reader.bad || memcmp(magic, JOURNAL_MAGIC, sizeof(magic)) != 0)
                return -EBADMSG;
        crypto_sha256(bytes, hashed, check);
        if (memcmp(check, journal->check, HASH_BYTES) != 0)
                return -EBADMSG;
        journal->length = hashed + HASH_BYTES;
        journal->plan = plan_decode_blanked(arena, plan, plan_length, NULL);
        if (!journal->plan)
                return -EPROTO; /* whole, but not of this version: for a person to look at */
        journal->steps = arena_array(arena, journal->plan->count + 1u, sizeof(*journal->steps));
        return 0;
}

static void read_records(struct journal *journal, const uint8_t *bytes, size_t length)
{
        while (length - journal->length >= RECORD_BYTES) {
                const uint8_t *at = bytes + journal->length;
                uint16_t step = (uint16_t)(at[1] << 8 | at[2]);
                uint8_t expected[RECORD_BYTES];
                record_make(journal, at[0], step, at[3], expected);
                if (memcmp(at, expected, RECORD_BYTES) != 0 || step > journal->plan->count)
                        return;
                journal->length += RECORD_BYTES;
                take_record(journal, at[0], step, at[3]);
        }
}

int journal_load(int directory, const char *name, struct arena *arena, struct journal *ret_journal)
{
        ASSERT(name && arena && ret_journal);
        struct journal journal = {.directory = directory};
        snprintf(journal.name, sizeof(journal.name), "%s", name);
        uint8_t *bytes;
        size_t length;
        int result = file_read_below(directory, name, PLAN_BYTES_MAX * 4, &bytes, &length);
        if (result != 0)
                return result;
        result = read_head(&journal, bytes, length, arena);
        if (result == 0)
                read_records(&journal, bytes, length);
        free(bytes);
        if (result != 0)
                return result;
        journal.fd = file_open_below(directory, name, O_RDWR, 0);
        if (journal.fd < 0)
                return journal.fd;
        if (ftruncate(journal.fd, (off_t)journal.length) != 0) {
                result = -errno;
                close(journal.fd);
                return result;
        }
        *ret_journal = journal;
        return 0;
}

void journal_close(struct journal *journal)
{
        ASSERT(journal);
        fd_closep(&journal->fd);
}

static void kept_name(const struct journal *journal, unsigned step, char name[KEPT_NAME_SIZE])
{
        snprintf(name, KEPT_NAME_SIZE, "%s.%u", journal->name, step);
}

int journal_keep(const struct journal *journal, uint16_t step, const void *bytes, size_t length)
{
        ASSERT(journal && (bytes || length == 0));
        char name[KEPT_NAME_SIZE];
        kept_name(journal, step, name);
        if (exists(journal->directory, name))
                return 0;
        return file_replace(journal->directory, name, bytes, length, 0600, (uid_t)-1, (gid_t)-1);
}

int journal_kept(const struct journal *journal, uint16_t step, uint8_t **ret_bytes, size_t *ret_length)
{
        ASSERT(journal && ret_bytes && ret_length);
        char name[KEPT_NAME_SIZE];
        kept_name(journal, step, name);
        return file_read_below(journal->directory, name, KEPT_MAX, ret_bytes, ret_length);
}

void journal_unkeep(const struct journal *journal)
{
        ASSERT(journal);
        for (unsigned step = 0; step < journal->plan->count; step++) {
                char name[KEPT_NAME_SIZE];
                kept_name(journal, step, name);
                if (journal->steps[step].begun && exists(journal->directory, name))
                        file_remove(journal->directory, name);
        }
}

int journal_remove(int directory, const char *name)
{
        ASSERT(name);
        return file_remove(directory, name);
}
