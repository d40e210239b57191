/* The files of journals.
 * Rights: hands only; below the hand's own journal directory, which nobody else can read. */
#include "act/parts.h"

static bool exists(int directory, const char *name)
{
        return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool journal_create(struct journal_file *file, const struct plan *plan, const struct ticket *ticket,
                    const uint8_t digest[HASH_BYTES], struct arena *arena)
{
        ASSERT(file && plan && ticket && digest && arena);
        size_t length;
        file->head = journal_head(plan, ticket->subject, digest, arena, &length);
        return !exists(file->directory, file->name) && journal_parse(file->head, length, arena, &file->journal) == 0;
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
        if (result == 0 && (file->fd = file_open_below(file->directory, file->name, O_RDWR, 0)) < 0)
                result = file->fd;
        return result != 0 || ftruncate(file->fd, (off_t)file->journal.length) == 0 ? result : -errno; /* a torn tail */
}

/* The head with the first record, all or nothing, and room for what can follow: a full disk is found before a step. */
static int begin(struct journal_file *file, const uint8_t record[JOURNAL_RECORD_BYTES])
{
        size_t length = file->journal.length + JOURNAL_RECORD_BYTES, steps = file->journal.plan->count;
        off_t room = (off_t)(steps * (3u + JOURNAL_UNDO_TRIES)) * JOURNAL_RECORD_BYTES, tools = 256 * 1024;
        memcpy(file->head + file->journal.length, record, JOURNAL_RECORD_BYTES);
        fd_closep(&file->fd);
        int result = file_put(file->directory, file->name, file->head, length, 0600);
        if (result == 0)
                result = file->fd = file_open_below(file->directory, file->name, O_RDWR, 0);
        if (result >= 0 &&
            (fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)length, room + tools) != 0 ||
             ftruncate(file->fd, (off_t)length) != 0 || /* what they need is theirs again */
             fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)length, room) != 0) &&
            errno != EOPNOTSUPP)
                result = -errno;
        if (result < 0)
                file_remove(file->directory, file->name);
        else
                file->head = NULL;
        return result;
}

/* What is done need not be on disk before the next thing begins: not known, it is done, or undone, once more. */
int journal_append(struct journal_file *file, enum journal_kind kind, uint16_t step, uint8_t value,
                   struct failure *failure)
{
        ASSERT(file);
        uint8_t record[JOURNAL_RECORD_BYTES];
        bool begins = kind != JOURNAL_DONE && kind != JOURNAL_UNDO_DONE;
        journal_record(&file->journal, kind, step, value, record);
        errno = EIO;
        int result = file->head ? begin(file, record) : 0;
        if (result == 0 && (pwrite(file->fd, record, sizeof(record), (off_t)file->journal.length) != sizeof(record) ||
                            (begins && fdatasync(file->fd) != 0)))
                result = -errno;
        if (result >= 0)
                journal_take(&file->journal, kind, step, value);
        return failure_system(failure, FAILURE_UNAVAILABLE, "journal", result < 0 ? result : 0);
}

static const char *kept_name(const struct journal_file *file, struct arena *arena, unsigned step)
{
        return arena_printf(arena, "%s.%u", file->name, step);
}

int act_keep(struct act_context *context, const void *bytes, size_t length, struct failure *failure)
{
        ASSERT(context && (bytes || length == 0));
        const char *name = context->journal ? kept_name(context->journal, context->arena, context->step) : NULL;
        if (!name || context->undoing || exists(context->journal->directory, name)) /* an answer is never undone */
                return 0;
        return failure_system(failure, FAILURE_UNAVAILABLE, "journal",
                              file_put(context->journal->directory, name, bytes, length, 0600));
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
        for (unsigned step = 0; step < file->journal.plan->count; step++)
                if (file->journal.steps[step].begun)
                        (void)unlinkat(file->directory, kept_name(file, file->journal.plan->arena, step), 0);
}
