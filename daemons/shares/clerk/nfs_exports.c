/* The exports over NFS that there are.
 * Rights: the shares clerk; reads the hand's files of exports. */
#include "daemons/shares/clerk/kept.h"
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

static bool read_one(const char *name, char *text, const struct kept_file *file, void *ret_one)
{
        nfs_export *export = ret_one;
        if (!nfs_read(name, text, file->arena, export))
                return false;
        export->updated_at = file->changed_at;
        export->storage_pool = live_pool_of(export->path, file->arena);
        return true;
}

static const char *title(const void *one)
{
        const nfs_export *export = one;
        return export->name;
}

static struct kept all = {.what = "export",
                          .most = EXPORTS_MAX,
                          .size = sizeof(nfs_export),
                          .read = read_one,
                          .title = title,
                          .folder = -1};

void nfs_prepare(int folder)
{
        kept_prepare(&all, folder);
}

void nfs_reload(void)
{
        kept_reload(&all);
}

const struct kept *nfs_kept(void)
{
        return &all;
}

size_t nfs_count(void)
{
        return all.count;
}

const nfs_export *nfs_at(size_t index)
{
        ASSERT(index < all.count);
        return all.list[index];
}

const nfs_export *nfs_numbered(int64_t id, struct failure *failure)
{
        for (size_t i = 0; i < all.count; i++)
                if (nfs_at(i)->id == id)
                        return nfs_at(i);
        failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of exports.", "There is no export %lld.",
                    (long long)id);
        return NULL;
}

const nfs_export *nfs_named(const char *name)
{
        return kept_titled(&all, name);
}

/* --- showing them --- */

/* service: why its service does not serve it; NULL: it does. */
static nfs_export shown(const nfs_export *export, const char *service)
{
        nfs_export one = *export;
        const char *away = live_path_why_not(one.path);
        one.message = !one.enabled             ? "It is not enabled."
                      : one.clients_count == 0 ? "No client may use it."
                      : away                   ? away
                                               : service;
        one.served = one.message == NULL;
        return one;
}

nfs_export nfs_shown(const nfs_export *export)
{
        return shown(export, service_why_not("nfs"));
}

void nfs_exports_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_list_nfs_exports_in in = {.cursor = NULL};
        struct failure failure; /* it was read before, when it came */
        (void)nas_shares_list_nfs_exports_in_read(call_parameters(call), arena, &in, &failure);
        const struct kept_page page = kept_page(&all, in.cursor, in.has_limit ? (size_t)in.limit : EXPORTS_MAX);
        const char *service = service_why_not("nfs");
        nfs_export *list = arena_array(arena, page.count + 1, sizeof(*list));
        for (size_t i = 0; i < page.count; i++)
                list[i] = shown(nfs_at(page.first + i), service);
        struct nas_shares_list_nfs_exports_out reply = {
                .exports = list, .exports_count = page.count, .next = page.more ? list[page.count - 1].name : NULL};
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
