/* What has come apart: files that are not as we write them, and Samba's registry beside them.
 * Rights: the shares clerk; reads the hand's files. */
#include "daemons/shares/clerk/drift.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "value/types.h"

#include <string.h>
#include <strings.h>

struct found { /* while a list is made */
        const struct samba *samba;
        struct arena *arena;
        struct drift *list;
        size_t count;
};

static struct drift *add(struct found *found, enum nas_shares_share_drift_kind kind, const char *name)
{
        enum { SHORT_BYTES = 8 };
        uint8_t hash[HASH_BYTES];
        char digits[2 * SHORT_BYTES + 1];
        crypto_sha256(name, strlen(name), hash); /* an id that goes into an address, whatever the name is */
        text_hex(hash, SHORT_BYTES, digits);
        struct drift *one = &found->list[found->count < DRIFTS_MAX - 1 ? found->count++ : found->count];
        const char *word = nas_shares_share_drift_kind_word(kind);
        *one = (struct drift){.shown = {.id = arena_printf(found->arena, "%s.%s", word, digits),
                                        .kind = kind,
                                        .name = arena_text(found->arena, name, strnlen(name, NAME_MAX)),
                                        .wanted = "",
                                        .found = ""}};
        return one;
}

static void say(struct drift *one, const char *wanted, const char *found, struct arena *arena)
{
        one->shown.wanted = lines_only_in(wanted, found, arena);
        one->shown.found = lines_only_in(found, wanted, arena);
        if (!*one->shown.wanted && !*one->shown.found)
                one->shown.found = "the same lines in another order";
}

/* --- what we would write --- */

static const char *text_of(const struct plan *plan, int result)
{
        const struct action *step = &plan->steps[0];
        return result == 0 ? arena_printf(
                                     plan->arena, "%s\n",
                                     template_lines(&shares_operations.list[step->operation], step, false, plan->arena))
                           : NULL;
}

/* The dataset that a share's own lines name: what it is stands nowhere else. */
static const char *dataset_of(const char *text, struct arena *arena)
{
        static const char key[] = "\n\tshadow:basedir = ";
        const char *at = strstr(text, key);
        if (!at)
                return NULL;
        at += strlen(key);
        const char *path = arena_text(arena, at, strcspn(at, "\n"));
        if (!value_is(&value_served_path, path, strlen(path)) || !strchr(path + strlen("/srv/"), '/'))
                return NULL;
        return strstr(text, ZFS_SNAPSHOTS "\n") ? arena_printf(arena, "%s" ZFS_SNAPSHOTS, path) : path;
}

/* NULL: it cannot be written. */
static const char *share_text(const smb_share *share, const char *dataset, struct arena *arena)
{
        struct failure failure;
        struct plan *plan = plan_new(arena, &shares_operations);
        return text_of(plan, smb_plan_write(plan, SHARES_SMB_PUT, share, dataset, &failure));
}

static const char *export_text(const nfs_export *export, struct arena *arena)
{
        struct failure failure;
        struct plan *plan = plan_new(arena, &shares_operations);
        return text_of(plan, nfs_plan_put(plan, export, &failure));
}

/* Behind its number and its name. */
static const char *lines_of(const char *text)
{
        for (int line = 0; line < 2; line++)
                text += strcspn(text, "\n") + 1;
        return text;
}

/* The share that Samba has, if all of it can be ours; NULL. before: whose number it gets; NULL: a new one. What Samba
 * does not say it takes to be so. */
static struct drift_put taken(const struct samba_share *samba, const smb_share *before, struct arena *arena)
{
        static const char unsaid[] = "\tavailable = yes\n\tread only = yes\n\tguest ok = no\n\tbrowseable = yes\n";
        char now[RFC3339_SIZE];
        if (!samba || !value_is(&value_share_name, samba->name, strlen(samba->name)))
                return (struct drift_put){NULL, NULL};
        clock_format(clock_real_us(), now);
        char *text =
                arena_printf(arena, "# %lld %s\n[%s]\n%s%s", (long long)(before ? before->id : smb_new_id(samba->name)),
                             before ? before->created_at : now, samba->name, unsaid, samba->lines);
        const char *dataset = dataset_of(text, arena);
        smb_share *share = arena_alloc(arena, sizeof(*share));
        const char *again = smb_read(text, arena, share) ? share_text(share, dataset, arena) : NULL;
        const bool all = again && *lines_only_in(samba->lines, again, arena) == '\0';
        return (struct drift_put){all ? share : NULL, dataset};
}

/* --- looking --- */

static bool same_lines(const char *text, const char *other, struct arena *arena)
{
        return *lines_only_in(text, other, arena) == '\0' && *lines_only_in(other, text, arena) == '\0';
}

static void look_at_share(struct found *found, const struct kept_file *file, const char *text)
{
        const struct samba_share *samba = samba_find(found->samba, file->name);
        const char *dataset = dataset_of(text, found->arena),
                   *wanted = file->one ? share_text(file->one, dataset, found->arena) : NULL;
        struct drift *one;
        if (!wanted || strcmp(text, wanted) != 0) {
                one = add(found, NAS_SHARES_SHARE_DRIFT_KIND_SHARE_FILE, file->name);
                say(one, wanted ? wanted : samba ? samba->lines : "", text, found->arena);
                one->restore = wanted ? (struct drift_put){file->one, dataset} : taken(samba, NULL, found->arena);
                one->shown.can_restore = one->restore.share != NULL;
                return;
        }
        if (!found->samba->known || (samba && same_lines(samba->lines, lines_of(wanted), found->arena)))
                return;
        one = add(found, NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA, file->name);
        say(one, lines_of(wanted), samba ? samba->lines : "", found->arena);
        one->restore = (struct drift_put){file->one, dataset};
        one->adopt = taken(samba, file->one, found->arena);
        one->shown.can_restore = true;
        one->shown.can_adopt = one->adopt.share != NULL;
}

static void look_at_stranger(struct found *found, const struct samba_share *samba)
{
        struct drift *one = add(found, NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA, samba->name);
        say(one, "", samba->lines, found->arena);
        one->adopt = taken(samba, NULL, found->arena);
        one->drop = value_is(&value_share_name, samba->name, strlen(samba->name)) ? one->shown.name : NULL;
        one->shown.can_restore = one->drop != NULL;
        one->shown.can_adopt = one->adopt.share != NULL;
}

static void look_at_export(struct found *found, const struct kept_file *file, const char *text)
{
        const nfs_export *export = file->one;
        const char *wanted = export ? export_text(export, found->arena) : NULL;
        if (wanted && strcmp(text, wanted) == 0)
                return;
        struct drift *one = add(found, NAS_SHARES_SHARE_DRIFT_KIND_EXPORT_FILE, export ? export->name : file->name);
        say(one, wanted ? wanted : "", text, found->arena);
        one->export = wanted ? export : NULL;
        one->shown.can_restore = one->export != NULL;
}

static const char *transfer_text(const transfer_offer *transfer, struct arena *arena)
{
        struct failure failure;
        struct plan *plan = plan_new(arena, &shares_operations);
        return text_of(plan, transfer_plan_put(plan, transfer, &failure));
}

static void look_at_transfer(struct found *found, const struct kept_file *file, const char *text)
{
        const transfer_offer *transfer = file->one ? file->one : transfer_meant(file, text, found->arena);
        const char *wanted = transfer ? transfer_text(transfer, found->arena) : NULL;
        if (wanted && strcmp(text, wanted) == 0)
                return;
        struct drift *one = add(found, NAS_SHARES_SHARE_DRIFT_KIND_TRANSFER_FILE, file->name);
        say(one, wanted ? wanted : "", text, found->arena);
        one->transfer = wanted ? transfer : NULL;
        one->shown.can_restore = one->transfer != NULL;
}

static void look_at_servers(struct found *found)
{
        for (size_t i = 0; i < SERVER_FILES; i++) {
                struct server_drift drift;
                if (!server_drifts(i, found->arena, &drift))
                        continue;
                struct drift *one = add(found, NAS_SHARES_SHARE_DRIFT_KIND_SERVER_FILE, drift.service);
                say(one, drift.wanted, drift.found, found->arena);
                one->server = drift.service;
                one->shown.can_restore = drift.known;
        }
}

static void look_at_files(struct found *found, const struct kept *kept,
                          void (*look)(struct found *found, const struct kept_file *file, const char *text))
{
        for (size_t i = 0; i < kept->file_count; i++) {
                const char *text = kept_text(kept, kept->files[i].name, found->arena);
                if (text)
                        look(found, &kept->files[i], text);
        }
}

static bool has_file(const struct kept *kept, const char *name)
{
        for (size_t i = 0; i < kept->file_count; i++)
                if (strcasecmp(kept->files[i].name, name) == 0)
                        return true;
        return false;
}

const struct drift *drift_look(const struct samba *samba, struct arena *arena, size_t *ret_count)
{
        ASSERT(samba && arena && ret_count);
        struct found found = {
                .samba = samba, .arena = arena, .list = arena_array(arena, DRIFTS_MAX, sizeof(*found.list))};
        look_at_files(&found, smb_kept(), look_at_share);
        for (size_t i = 0; i < samba->count; i++)
                if (!has_file(smb_kept(), samba->list[i].name))
                        look_at_stranger(&found, &samba->list[i]);
        look_at_files(&found, nfs_kept(), look_at_export);
        look_at_files(&found, transfers_kept(), look_at_transfer);
        look_at_servers(&found);
        *ret_count = found.count;
        return found.list;
}

/* --- before something is written anew --- */

int drift_refuse_when(bool lost, const char *what, const char *name, struct failure *failure)
{
        ASSERT(what && name && failure);
        return !lost ? 0
                     : failure_set(failure, FAILURE_CONFLICT, "id",
                                   "bulkhead shares drift shows it; have it as it was, or take it as it is.",
                                   "Somebody changed the file of the %s %s by hand, which would be lost.", what, name);
}

int drift_refuse(const smb_share *share, struct failure *failure)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *text = kept_text(smb_kept(), share->name, arena),
                   *wanted = text ? share_text(share, dataset_of(text, arena), arena) : NULL;
        return drift_refuse_when(text && (!wanted || strcmp(text, wanted) != 0), "share", share->name, failure);
}

int drift_refuse_samba(const char *name, const char *shown, size_t length, struct failure *failure)
{
        ASSERT(name && shown && failure);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct samba samba = samba_read(shown, length, arena);
        const struct samba_share *has = samba_find(&samba, name);
        const char *text = kept_text(smb_kept(), name, arena);
        if (!has || (text && same_lines(has->lines, lines_of(text), arena)))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, text ? "id" : "name",
                           "bulkhead shares drift shows it; have it as it was, or take it as it is.",
                           "Somebody set the share %s by hand in Samba, which would be lost.", has->name);
}

int drift_refuse_export(const nfs_export *export, struct failure *failure)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *file = arena_printf(arena, "%lld.%s", (long long)export->id, export->enabled ? "on" : "off"),
                   *text = kept_text(nfs_kept(), file, arena), *wanted = text ? export_text(export, arena) : NULL;
        return drift_refuse_when(text && (!wanted || strcmp(text, wanted) != 0), "export", export->name, failure);
}

int drift_refuse_transfer(const transfer_offer *transfer, struct failure *failure)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *text = kept_text(transfers_kept(), transfer->name, arena),
                   *wanted = text ? transfer_text(transfer, arena) : NULL;
        return drift_refuse_when(text && (!wanted || strcmp(text, wanted) != 0), "transfer", transfer->name, failure);
}
