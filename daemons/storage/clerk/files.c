/* Files in snapshots: what lies in a folder, and what it comes down to to put something back.
 * Rights: the storage clerk; asks its hand, plans. Names of files are taken for hostile. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/storage.h"
#include "sys/account.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { FOLDER_BYTES_MAX = 32 * 1024 * 1024, ENTRY_BYTES = 30, PAGE = 100 };

struct entry {
        const char *name;
        size_t length;
        uint32_t mode, uid, gid;
        uint64_t size, modified_s;
};

struct asking { /* in its own arena */
        struct arena *arena;
        struct call *call;
        size_t from, limit;
};

static int by_name(const void *a, const void *b)
{
        const struct entry *left = a, *right = b;
        const size_t length = left->length < right->length ? left->length : right->length;
        int order = memcmp(left->name, right->name, length);
        return order != 0 ? order : left->length < right->length ? -1 : left->length > right->length;
}

/* How many, without "." and ".."; a torn end is left out. */
static size_t read_entries(const char *bytes, size_t length, struct entry *entries)
{
        struct reader reader = reader_of(bytes, length);
        size_t count = 0;
        while (reader.at < reader.end) {
                struct entry one = {.mode = reader_u32(&reader)};
                one.uid = reader_u32(&reader);
                one.gid = reader_u32(&reader);
                one.size = reader_u64(&reader);
                one.modified_s = reader_u64(&reader);
                one.name = (const char *)reader_field(&reader, &one.length);
                if (!one.name || one.length == 0)
                        break;
                if (one.name[0] != '.' || one.length > 2 || (one.length == 2 && one.name[1] != '.'))
                        entries[count++] = one;
        }
        qsort(entries, count, sizeof(*entries), by_name);
        return count;
}

static enum nas_storage_file_kind kind_of(uint32_t mode)
{
        return S_ISREG(mode)   ? NAS_STORAGE_FILE_KIND_FILE
               : S_ISDIR(mode) ? NAS_STORAGE_FILE_KIND_FOLDER
               : S_ISLNK(mode) ? NAS_STORAGE_FILE_KIND_LINK
                               : NAS_STORAGE_FILE_KIND_OTHER;
}

static struct nas_storage_file describe(const struct entry *one, const struct accounts *accounts, struct arena *arena)
{
        const struct account *owner = accounts_numbered(accounts, one->uid);
        const struct account_group *group = accounts_group_numbered(accounts, one->gid);
        const char *person = owner ? owner->name : people_named(one->uid, false),
                   *people = group ? group->name : people_named(one->gid, true);
        return (struct nas_storage_file){.name = machine_printable(arena, one->name, one->length),
                                         .askable = value_is(&value_file_path, one->name, one->length),
                                         .kind = kind_of(one->mode),
                                         .size = (int64_t)one->size,
                                         .modified_at = moment(arena, (int64_t)one->modified_s * 1000000),
                                         .owner = person ? person : arena_printf(arena, "%u", one->uid),
                                         .group = people ? people : arena_printf(arena, "%u", one->gid),
                                         .mode = arena_printf(arena, "%o", one->mode & 07777)};
}

static void answer(const struct asking *asking, const char *bytes, size_t length)
{
        struct arena *arena = asking->arena;
        struct accounts accounts = {.count = 0};
        struct entry *entries = arena_array(arena, length / ENTRY_BYTES + 1, sizeof(*entries));
        const size_t count = read_entries(bytes, length, entries);
        struct nas_storage_file *files = arena_array(arena, asking->limit, sizeof(*files));
        struct nas_storage_list_files_out reply = {.files = files};
        (void)accounts_read(arena, &accounts);
        for (size_t i = asking->from; i < count && reply.files_count < asking->limit; i++)
                files[reply.files_count++] = describe(&entries[i], &accounts, arena);
        if (asking->from + reply.files_count < count)
                reply.next = page_text(arena, asking->from + reply.files_count, 0);
        nas_storage_list_files_reply(asking->call, &reply);
}

static void on_looked(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        struct failure failure = {0};
        if (!reply || reply->outcome != OUTCOME_SUCCESS) {
                failure = reply ? reply->failure : failure;
                if (!reply)
                        failure_set(&failure, FAILURE_UNAVAILABLE, "", "Try again.", "The hand went away.");
                call_fail(asking->call, &failure);
        } else {
                answer(asking, output, output_length);
        }
        arena_free(asking->arena);
}

/* Those of ZFS's are mounted by the kernel when somebody looks for them, which the hand's place does not show. */
static const struct subvolume *snapshot_to_open(struct call *call, const char *pool, int64_t number,
                                                const char **ret_dataset, const char **ret_name)
{
        struct failure failure = {0};
        if (pool_find_tree(pool, &failure))
                return snapshot_of_call(call, pool, number, ret_dataset, ret_name);
        storage_refuse(call, &failure);
        return NULL;
}

void nas_storage_list_files(struct call *call, const struct nas_storage_list_files_in *in)
{
        const char *dataset, *name;
        const struct subvolume *one = snapshot_to_open(call, in->pool, in->id, &dataset, &name);
        if (!one)
                return;
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        const char *const texts[] = {in->pool, dataset, name,
                                     arena_printf(arena, "%llu", (unsigned long long)one->number),
                                     in->path ? in->path : ""};
        struct value values[ARRAY_SIZE(texts)];
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                values[i] = (struct value){texts[i], (uint16_t)strlen(texts[i])};
        struct action action = {STORAGE_FOLDER_LOOK, ARRAY_SIZE(texts), values};
        struct request request = {.kind = RECORD_ASK, .ticket = call_caller(call)->ticket, .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        *asking = (struct asking){.arena = arena,
                                  .call = call,
                                  .from = (size_t)page_read(in->cursor).first,
                                  .limit = in->has_limit ? (size_t)in->limit : PAGE};
        hand_ask_much(clerk.hand, &request, FOLDER_BYTES_MAX, on_looked, asking);
}

/* "replaced-20260131T023000Z": what is put behind the name of what was there. */
static const char *kept_name(struct arena *arena)
{
        char text[64];
        time_t now = (time_t)clock_real_s();
        struct tm parts;
        strftime(text, sizeof(text), "replaced-%Y%m%dT%H%M%SZ", gmtime_r(&now, &parts));
        return arena_text(arena, text, strlen(text));
}

static int plan_restore(struct change *change, const struct nas_storage_restore_files_in *in,
                        const struct subvolume *snapshot, const char *const names[2], struct failure *failure)
{
        const struct tree *tree = pool_find_tree(in->pool, failure);
        const struct subvolume *dataset = tree ? dataset_with(tree, names[0]) : NULL;
        if (!tree)
                return -1;
        if (!dataset)
                return failure_set(failure, FAILURE_NOT_FOUND, "id", "Make a dataset of the snapshot instead.",
                                   "There is no dataset %s any more.", names[0]);
        return plan_step(change->plan, failure, STORAGE_FILES_RESTORE, in->pool, names[0],
                         arena_printf(change->arena, "%llu", (unsigned long long)dataset->number), names[1],
                         arena_printf(change->arena, "%llu", (unsigned long long)snapshot->number), in->path,
                         in->to ? in->to : in->path, in->has_replace && in->replace ? kept_name(change->arena) : "",
                         NULL);
}

void nas_storage_restore_files(struct call *call, const struct nas_storage_restore_files_in *in)
{
        struct failure failure = {0};
        const char *names[2];
        const struct subvolume *one = snapshot_to_open(call, in->pool, in->id, &names[0], &names[1]);
        if (!one)
                return;
        struct change *change = storage_change("dataset", "");
        change->object = arena_printf(change->arena, "dataset %s/%s", in->pool, names[0]);
        change->who = "all who use that dataset: they may read what they could read then";
        storage_run(call, change, plan_restore(change, in, one, names, &failure), &failure);
}
