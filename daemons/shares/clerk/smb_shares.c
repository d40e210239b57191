/* The shares that are offered over SMB: read at start, and those that changed again whenever one does.
 * Rights: the shares clerk; reads the hand's files of shares. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { FILE_MAX = 64 * 1024 };

struct record {
        struct arena *arena; /* all of it */
        const char *file;
        struct timespec changed;
        ino_t inode;
        bool good; /* it says what it should */
        smb_share share;
};

static struct {
        int folder;
        struct record *records; /* sorted by file */
        size_t count;
        smb_share *shares; /* the good ones */
        size_t share_count;
} all = {.folder = -1};

void smb_prepare(int folder)
{
        all.folder = folder;
}

/* --- reading them --- */

static struct record read_one(const char *file, const struct stat *status)
{
        struct record record = {.arena = arena_new(), .changed = status->st_mtim, .inode = status->st_ino};
        uint8_t *bytes = NULL;
        size_t length = 0;
        record.file = arena_text(record.arena, file, strlen(file));
        int error = file_read_below(all.folder, file, FILE_MAX, &bytes, &length);
        if (error == 0) {
                char *text = arena_text(record.arena, (const char *)bytes, length);
                record.good = smb_read(text, record.arena, &record.share);
        }
        free(bytes);
        if (!record.good)
                log_warn("share %s: %s", file, error != 0 ? strerror(-error) : "its file makes no sense");
        char *updated = arena_alloc(record.arena, RFC3339_SIZE);
        clock_format((int64_t)status->st_mtim.tv_sec * 1000000, updated);
        record.share.updated_at = updated;
        if (record.good)
                record.share.storage_pool = live_pool_of(record.share.path, record.arena);
        return record;
}

static int by_file(const void *a, const void *b)
{
        const struct record *left = a, *right = b;
        return strcmp(left->file, right->file);
}

static bool is_same(const struct record *record, const struct stat *status)
{
        return record->inode == status->st_ino && record->changed.tv_sec == status->st_mtim.tv_sec &&
               record->changed.tv_nsec == status->st_mtim.tv_nsec;
}

/* What is known of that file stays known while it is the same file. */
static struct record take_over(const char *file, const struct stat *status)
{
        const struct record wanted = {.file = file};
        struct record *known = all.count > 0 ? bsearch(&wanted, all.records, all.count, sizeof(wanted), by_file) : NULL;
        if (!known || !is_same(known, status))
                return read_one(file, status);
        struct record kept = *known;
        known->arena = NULL;
        return kept;
}

void smb_reload(void)
{
        int fd = openat(all.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        struct record *fresh = mem_new(SHARES_MAX, sizeof(*fresh));
        size_t count = 0;
        for (struct dirent *entry; listing && count < SHARES_MAX && (entry = readdir(listing));) {
                struct stat status;
                if (entry->d_name[0] != '.' && fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISREG(status.st_mode))
                        fresh[count++] = take_over(entry->d_name, &status);
        }
        if (listing)
                closedir(listing);
        for (size_t i = 0; i < all.count; i++)
                arena_free(all.records[i].arena);
        free(all.records);
        free(all.shares);
        qsort(fresh, count, sizeof(*fresh), by_file);
        all.records = fresh;
        all.count = count;
        all.shares = mem_new(count + 1, sizeof(*all.shares));
        all.share_count = 0;
        for (size_t i = 0; i < count; i++)
                if (fresh[i].good)
                        all.shares[all.share_count++] = fresh[i].share;
}

size_t smb_count(void)
{
        return all.share_count;
}

const smb_share *smb_at(size_t index)
{
        ASSERT(index < all.share_count);
        return &all.shares[index];
}

const smb_share *smb_numbered(int64_t id, struct failure *failure)
{
        for (size_t i = 0; i < all.share_count; i++)
                if (all.shares[i].id == id)
                        return &all.shares[i];
        failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of shares.", "There is no share %lld.",
                    (long long)id);
        return NULL;
}

const smb_share *smb_named(const char *name)
{
        for (size_t i = 0; i < all.share_count; i++)
                if (strcasecmp(all.shares[i].name, name) == 0)
                        return &all.shares[i];
        return NULL;
}

/* --- showing them --- */

smb_share smb_shown(const smb_share *share)
{
        smb_share one = *share;
        one.message = !one.enabled                   ? "It is not enabled."
                      : !live_path_is_here(one.path) ? "Its pool is away."
                      : !service_wanted("smb")       ? "The service smb is turned off."
                      : !service_runs("smb")         ? "The service smb does not run."
                                                     : NULL;
        one.served = one.message == NULL;
        return one;
}

void smb_shares_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        smb_share *list = arena_array(arena, all.share_count + 1, sizeof(*list));
        for (size_t i = 0; i < all.share_count; i++)
                list[i] = smb_shown(&all.shares[i]);
        struct nas_shares_list_smb_shares_out reply = {.shares = list, .shares_count = all.share_count};
        nas_shares_list_smb_shares_out_write(out, &reply);
}

/* The one with the number of the call; nothing when it has gone since. */
void smb_share_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_smb_share_in in;
        struct failure failure; /* it was read before, when it came */
        const smb_share *share = nas_shares_get_smb_share_in_read(call_parameters(call), arena, &in, &failure) == 0
                                         ? smb_numbered(in.id, &failure)
                                         : NULL;
        if (share) {
                struct nas_shares_get_smb_share_out reply = {.share = smb_shown(share)};
                nas_shares_get_smb_share_out_write(out, &reply);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

void nas_shares_list_smb_shares(struct call *call, const struct nas_shares_list_smb_shares_in *in)
{
        (void)in;
        topic_serve(topics.smb_shares, call);
}

void nas_shares_get_smb_share(struct call *call, const struct nas_shares_get_smb_share_in *in)
{
        struct failure failure = {0};
        if (!smb_numbered(in->id, &failure)) {
                changes_refuse(clerk.changes, call, &failure);
                return;
        }
        topic_serve(topics.smb_share, call);
}
