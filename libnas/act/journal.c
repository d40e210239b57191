/* The files of journals.
 * Rights: hands only; below the hand's own journal directory, which nobody else can read. */
#include "act/parts.h"

static bool exists(int directory, const char *name)
{
        return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int journal_create(struct journal_file *file, const struct plan *plan, const struct ticket *ticket,
                   const uint8_t digest[HASH_BYTES], struct arena *arena)
{
        ASSERT(file && plan && ticket && digest && arena);
        size_t length;
        const uint8_t *head = journal_head(plan, ticket->subject, digest, arena, &length);
        if (exists(file->directory, file->name))
                return -EEXIST;
        int result = file_put(file->directory, file->name, head, length, 0600);
        if (result == 0)
                result = journal_load(file, arena);
        /* Room for all that can follow, so that a full disk is found before the first step. */
        off_t room = (off_t)(plan->count * (3u + JOURNAL_UNDO_TRIES) + 1u) * JOURNAL_RECORD_BYTES;
        if (result == 0 && fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)length, room) != 0 && errno != EOPNOTSUPP)
                result = -errno;
        if (result != 0)
                file_remove(file->directory, file->name);
        return result;
}

int journal_load(struct journal_file *file, struct arena *arena)
{
        ASSERT(file && arena);
        uint8_t *bytes = NULL;
        size_t length;
        int result = file_read_below(file->directory, file->name, JOURNAL_BYTES_MAX, &bytes, &length);
        if (result == 0 && journal_parse(bytes, length, arena, &file->journal) != 0)
                result = -EBADMSG;
        free(bytes);
        if (result != 0)
                return result;
        file->fd = file_open_below(file->directory, file->name, O_RDWR, 0);
        if (file->fd < 0)
                return file->fd;
        return ftruncate(file->fd, (off_t)file->journal.length) == 0 ? 0 : -errno; /* a torn tail */
}

int journal_append(struct journal_file *file, enum journal_kind kind, uint16_t step, uint8_t value,
                   struct failure *failure)
{
        ASSERT(file);
        uint8_t record[JOURNAL_RECORD_BYTES];
        journal_record(&file->journal, kind, step, value, record);
        ssize_t written = pwrite(file->fd, record, sizeof(record), (off_t)file->journal.length);
        if (written != (ssize_t)sizeof(record) || fdatasync(file->fd) != 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, "journal", written >= 0 ? -EIO : -errno);
        journal_take(&file->journal, kind, step, value);
        return 0;
}

static const char *kept_name(const struct journal_file *file, struct arena *arena, unsigned step)
{
        return arena_printf(arena, "%s.%u", file->name, step);
}

int act_keep(struct act_context *context, const void *bytes, size_t length, struct failure *failure)
{
        ASSERT(context && context->journal && (bytes || length == 0));
        int directory = context->journal->directory;
        const char *name = kept_name(context->journal, context->arena, context->step);
        if (context->undoing || exists(directory, name))
                return 0;
        return failure_system(failure, FAILURE_UNAVAILABLE, "journal", file_put(directory, name, bytes, length, 0600));
}

int act_kept(struct act_context *context, uint8_t **ret_bytes, size_t *ret_length)
{
        ASSERT(context && context->journal && ret_bytes && ret_length);
        return file_read_below(context->journal->directory, kept_name(context->journal, context->arena, context->step),
                               JOURNAL_BYTES_MAX, ret_bytes, ret_length);
}

void journal_unkeep(const struct journal_file *file)
{
        ASSERT(file);
        for (unsigned step = 0; step < file->journal.plan->count; step++) {
                const char *name = kept_name(file, file->journal.plan->arena, step);
                if (file->journal.steps[step].begun && exists(file->directory, name))
                        file_remove(file->directory, name);
        }
}
