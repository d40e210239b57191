/* The exports over NFS that there are: read at start, and again whenever one changes.
 * Rights: the shares clerk; reads the hand's files of exports. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { EXPORTS_MAX = 1000, FILE_MAX = 64 * 1024 };

static struct {
        int folder;
        struct arena *arena; /* all of them */
        nfs_export *list;    /* by number */
        size_t count;
} all = {.folder = -1};

void nfs_prepare(int folder)
{
        all.folder = folder;
}

static bool read_one(const char *file, const struct stat *status, nfs_export *ret_export)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (file_read_below(all.folder, file, FILE_MAX, &bytes, &length) != 0)
                return false;
        char *text = arena_text(all.arena, (const char *)bytes, length),
             *updated = arena_alloc(all.arena, RFC3339_SIZE);
        free(bytes);
        if (!nfs_read(arena_text(all.arena, file, strlen(file)), text, all.arena, ret_export)) {
                log_warn("export %s: its file makes no sense", file);
                return false;
        }
        clock_format((int64_t)status->st_mtim.tv_sec * 1000000, updated);
        ret_export->updated_at = updated;
        ret_export->storage_pool = live_pool_of(ret_export->path, all.arena);
        return true;
}

static int by_id(const void *a, const void *b)
{
        const nfs_export *left = a, *right = b;
        return (left->id > right->id) - (left->id < right->id);
}

void nfs_reload(void)
{
        arena_free(all.arena);
        all.arena = arena_new();
        all.list = arena_array(all.arena, EXPORTS_MAX, sizeof(*all.list));
        all.count = 0;
        int fd = openat(all.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        for (struct dirent *entry; listing && all.count < EXPORTS_MAX && (entry = readdir(listing));) {
                struct stat status;
                if (entry->d_name[0] != '.' && fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISREG(status.st_mode) && read_one(entry->d_name, &status, &all.list[all.count]))
                        all.count++;
        }
        if (listing)
                closedir(listing);
        qsort(all.list, all.count, sizeof(*all.list), by_id);
}

size_t nfs_count(void)
{
        return all.count;
}

const nfs_export *nfs_at(size_t index)
{
        ASSERT(index < all.count);
        return &all.list[index];
}

const nfs_export *nfs_numbered(int64_t id, struct failure *failure)
{
        for (size_t i = 0; i < all.count; i++)
                if (all.list[i].id == id)
                        return &all.list[i];
        failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of exports.", "There is no export %lld.",
                    (long long)id);
        return NULL;
}

const nfs_export *nfs_named(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcasecmp(all.list[i].name, name) == 0)
                        return &all.list[i];
        return NULL;
}

/* --- showing them --- */

nfs_export nfs_shown(const nfs_export *export)
{
        nfs_export one = *export;
        one.message = !one.enabled                   ? "It is not enabled."
                      : one.clients_count == 0       ? "No client may use it."
                      : !live_path_is_here(one.path) ? "Its pool is away."
                                                     : service_why_not("nfs");
        one.served = one.message == NULL;
        return one;
}

void nfs_exports_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        nfs_export *list = arena_array(arena, all.count + 1, sizeof(*list));
        for (size_t i = 0; i < all.count; i++)
                list[i] = nfs_shown(&all.list[i]);
        struct nas_shares_list_nfs_exports_out reply = {.exports = list, .exports_count = all.count};
        nas_shares_list_nfs_exports_out_write(out, &reply);
}

/* The one with the number of the call; nothing when it has gone since. */
void nfs_export_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_nfs_export_in in;
        struct failure failure; /* it was read before, when it came */
        const nfs_export *export = nas_shares_get_nfs_export_in_read(call_parameters(call), arena, &in, &failure) == 0
                                           ? nfs_numbered(in.id, &failure)
                                           : NULL;
        if (export) {
                struct nas_shares_get_nfs_export_out reply = {.export = nfs_shown(export)};
                nas_shares_get_nfs_export_out_write(out, &reply);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

void nas_shares_list_nfs_exports(struct call *call, const struct nas_shares_list_nfs_exports_in *in)
{
        (void)in;
        topic_serve(topics.nfs_exports, call);
}

void nas_shares_get_nfs_export(struct call *call, const struct nas_shares_get_nfs_export_in *in)
{
        struct failure failure = {0};
        if (!nfs_numbered(in->id, &failure)) {
                changes_refuse(clerk.changes, call, &failure);
                return;
        }
        topic_serve(topics.nfs_export, call);
}
