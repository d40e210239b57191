/* Why somebody can, or cannot, use a share: everything on the way is asked in the order in which it would stop them,
 * and the first that does is the answer, with the call that would mend it.
 * Rights: the shares clerk; reads the accounts, its hand says what the folders are. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/account.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct question {
        struct arena *arena; /* holds it */
        struct call *call;
        smb_share share;
        const char *address; /* they come from there; NULL: from anywhere */
        struct accounts accounts;
        struct person person;
        struct nas_shares_explain_share_out answer;
};

static void reply(struct question *question)
{
        nas_shares_explain_share_reply(question->call, &question->answer);
        arena_free(question->arena);
}

/* What stops them from all, or (may read) from writing; fix: for people. */
static void stops(struct question *question, bool may_read, const char *because, const char *fix)
{
        question->answer.reads = may_read;
        question->answer.writes = false;
        question->answer.sentence =
                arena_printf(question->arena, "%s %s %s: %s", question->person.name,
                             may_read ? "can read, but not write to," : "cannot use", question->share.name, because);
        question->answer.fix = fix;
}

/* The call that would mend it. parameters: JSON of our own making. */
static void mended_by(struct question *question, const char *method, const char *parameters)
{
        struct failure failure;
        question->answer.fix_method = method;
        question->answer.fix_parameters = json_parse_in(question->arena, parameters, strlen(parameters), &failure);
        ASSERT(question->answer.fix_parameters);
}

static bool is_listed(const struct question *question, const char *const *names, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (names[i][0] != '@' && strcmp(names[i], question->person.name) == 0)
                        return true;
                const struct account_group *group =
                        names[i][0] == '@' ? accounts_group(&question->accounts, names[i] + 1) : NULL;
                for (size_t g = 0; group && g < question->person.gid_count; g++)
                        if (question->person.gids[g] == group->gid)
                                return true;
        }
        return false;
}

static const char *update(const struct question *question, const char *words)
{
        return arena_printf(question->arena, "bulkhead smb update %" PRId64 " %s", question->share.id, words);
}

/* A list with one more: it is set as a whole. */
static void with_one_more(struct question *question, const char *member, const char *const *names, size_t count,
                          const char *one)
{
        const char *words = "", *values = "";
        char *option = arena_text(question->arena, member, strlen(member));
        for (char *at = option; (at = strchr(at, '_'));)
                *at = '-';
        for (size_t i = 0; i <= count; i++) { /* names and addresses have nothing that JSON would escape */
                const char *name = i < count ? names[i] : one;
                words = arena_printf(question->arena, "%s%s--%s %s", words, i > 0 ? " " : "", option, name);
                values = arena_printf(question->arena, "%s%s\"%s\"", values, i > 0 ? "," : "", name);
        }
        question->answer.fix = update(question, words);
        mended_by(
                question, "nas.shares.UpdateSmbShare",
                arena_printf(question->arena, "{\"id\":%" PRId64 ",\"%s\":[%s]}", question->share.id, member, values));
}

/* --- what stops everybody --- */

static bool is_served(struct question *question)
{
        const smb_share shown = smb_shown(&question->share);
        if (shown.served)
                return true;
        const bool wanted = service_wanted("smb");
        const char *fix = !shown.enabled                   ? update(question, "--enabled")
                          : !live_path_is_here(shown.path) ? "bulkhead pools list says what is the matter with it"
                          : !wanted                        ? "bulkhead services enable smb"
                                                           : "bulkhead services start smb";
        stops(question, false, arena_printf(question->arena, "nobody can. %s", shown.message), fix);
        if (!shown.enabled)
                mended_by(question, "nas.shares.UpdateSmbShare",
                          arena_printf(question->arena, "{\"id\":%" PRId64 ",\"enabled\":true}", shown.id));
        else if (live_path_is_here(shown.path))
                mended_by(question, wanted ? "nas.shares.StartService" : "nas.shares.EnableService",
                          "{\"id\":\"smb\"}");
        return false;
}

/* --- what the account and the share say --- */

static bool is_let_in(struct question *question)
{
        const smb_share *share = &question->share;
        if (!account_enabled(&question->accounts, question->person.name)) {
                stops(question, false, "the account is disabled.",
                      arena_printf(question->arena, "bulkhead users update %s --enabled", question->person.name));
                mended_by(
                        question, "nas.users.UpdateUser",
                        arena_printf(question->arena, "{\"username\":\"%s\",\"enabled\":true}", question->person.name));
        } else if (share->valid_users_count > 0 && !is_listed(question, share->valid_users, share->valid_users_count)) {
                stops(question, false, "it is for others (valid_users).", NULL);
                with_one_more(question, "valid_users", share->valid_users, share->valid_users_count,
                              question->person.name);
        } else if (question->address && !hosts_allow(share->hosts_allow, share->hosts_allow_count, share->hosts_deny,
                                                     share->hosts_deny_count, question->address)) {
                stops(question, false,
                      arena_printf(question->arena, "it may not be used from %s (hosts_allow, hosts_deny).",
                                   question->address),
                      NULL);
                with_one_more(question, "hosts_allow", share->hosts_allow, share->hosts_allow_count, question->address);
        } else {
                return true;
        }
        return false;
}

/* True when the share lets them write. */
static bool may_write_to_share(struct question *question)
{
        const smb_share *share = &question->share;
        const bool reads = is_listed(question, share->read_list, share->read_list_count);
        if (is_listed(question, share->write_list, share->write_list_count) || (!reads && !share->read_only))
                return true;
        stops(question, true, reads ? "the share says that they only read (read_list)." : "the share is read-only.",
              NULL);
        with_one_more(question, "write_list", share->write_list, share->write_list_count, question->person.name);
        return false;
}

/* --- what the file system says --- */

static const char *give(const struct question *question, const struct folder *folder)
{
        if (!folder->dataset)
                return arena_printf(question->arena, "setfacl -m u:%s:rwx %s", question->person.name, folder->path);
        return arena_printf(question->arena, "bulkhead datasets set, for %s: an owner, group or mode that lets %s in",
                            folder->path, question->person.name);
}

static const char *whose(const struct question *question, const struct folder *folder, const char *verb)
{
        const struct account *owner = accounts_numbered(&question->accounts, folder->uid);
        const struct account_group *group = accounts_group_numbered(&question->accounts, folder->gid);
        return arena_printf(question->arena, "the folder %s (of %s, group %s, mode %04o%s) does not let them %s.",
                            folder->path, owner ? owner->name : "nobody known", group ? group->name : "none known",
                            folder->mode, folder->acl_length > 0 ? ", with an ACL" : "", verb);
}

static bool can_reach(struct question *question, const struct folder *way, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const unsigned wanted = i + 1 == count ? MAY_SEARCH | MAY_READ : MAY_SEARCH;
                if (folder_allows(&way[i], &question->person, wanted))
                        continue;
                stops(question, false, whose(question, &way[i], i + 1 == count ? "read" : "through"),
                      give(question, &way[i]));
                return false;
        }
        return true;
}

static void end_well(struct question *question)
{
        const bool admin = account_role(&question->accounts, question->person.name) == ROLE_ADMIN;
        const bool somewhere = question->share.hosts_allow_count + question->share.hosts_deny_count > 0;
        question->answer.reads = question->answer.writes = true;
        question->answer.sentence = arena_printf(
                question->arena, "%s can read and write %s%s%s.", question->person.name, question->share.name,
                somewhere && !question->address ? ", from the addresses that it allows" : "",
                admin ? "; an administrator signs in there with a separate password, which must have been set" : "");
        question->answer.fix =
                admin ? arena_printf(question->arena, "bulkhead users smb-password %s", question->person.name) : NULL;
}

/* The share as it is by now; false: it has gone, and that was answered. */
static bool is_there_still(struct question *question)
{
        struct failure gone = {0};
        const smb_share *share = smb_numbered(question->share.id, &gone);
        if (share) {
                question->share = *share;
                return true;
        }
        call_fail(question->call, &gone);
        arena_free(question->arena);
        return false;
}

enum { ROOM_LEAST = 128 * 1024 }; /* with less a file system is full, or a quota used up */

static void look_at_room(struct question *question, const struct reply *said)
{
        struct reader reader = reader_of(said->answer, said->answer_length);
        const bool is_so = reader_u8(&reader);
        const uint64_t room = reader_u64(&reader), takes = reader_u64(&reader), may_take = reader_u64(&reader);
        if (live_path_is_read_only(question->share.path))
                stops(question, true, "its pool is mounted so that nothing can be written to it.",
                      "bulkhead pools list says what is the matter with it");
        else if (is_so)
                stops(question, true, "its dataset is read-only, as the copy of another is.",
                      "bulkhead replications list says whose copy it is");
        else if (may_take > 0 && takes + ROOM_LEAST > may_take)
                stops(question, true,
                      arena_printf(question->arena, "the quota of its dataset (%" PRIu64 " MiB) is used up.",
                                   may_take >> 20),
                      "delete something, also snapshots of it, or bulkhead datasets set with a greater --quota");
        else if (room < ROOM_LEAST)
                stops(question, true, "its pool is full.",
                      "delete something, also snapshots, or add a disk to the pool");
        else
                end_well(question);
}

static void roomed(const struct reply *said, const char *output, size_t output_length, void *context)
{
        struct question *question = context;
        (void)output;
        (void)output_length;
        if (!is_there_still(question))
                return;
        if (said && said->outcome == OUTCOME_SUCCESS)
                look_at_room(question, said);
        else
                stops(question, true, "what room there is cannot be asked now.", NULL);
        reply(question);
}

static void seen(const struct folder *way, size_t count, const struct failure *failure, void *context)
{
        struct question *question = context;
        if (!is_there_still(question))
                return;
        const struct folder *last = &way[count > 0 ? count - 1 : 0];
        if (failure) {
                stops(question, false, "its folder is not there.", "bulkhead datasets list shows what there is");
        } else if (can_reach(question, way, count) && may_write_to_share(question)) {
                const char *dataset = folder_dataset(way, count);
                if (folder_allows(last, &question->person, MAY_WRITE | MAY_SEARCH)) {
                        shares_ask(SHARES_ROOM_LOOK,
                                   arena_printf(question->arena, "%s", dataset ? dataset : way[0].path),
                                   question->arena, roomed, question);
                        return;
                }
                stops(question, true, whose(question, last, "write"), give(question, last));
        }
        reply(question);
}

/* --- asked --- */

static int find(struct question *question, const char *username, const char *share_name, struct failure *failure)
{
        const smb_share *share = smb_named(share_name);
        if (!share)
                return failure_set(failure, FAILURE_NOT_FOUND, "share", "Look at the list of shares.",
                                   "There is no share %s.", share_name);
        if (failure_system(failure, FAILURE_FAILED, "", accounts_read(question->arena, &question->accounts)) != 0)
                return -1;
        const struct accounts *accounts = &question->accounts;
        const struct account *account = accounts_named(accounts, username);
        if (!account || !account_is_bulkheads(account))
                return failure_set(failure, FAILURE_NOT_FOUND, "username", "Look at the list of users.",
                                   "There is no account %s.", username);
        uint32_t *gids = arena_array(question->arena, accounts->group_count + 1, sizeof(*gids));
        question->person = (struct person){.name = account->name, .uid = account->uid, .gids = gids};
        gids[question->person.gid_count++] = account->gid;
        for (size_t i = 0; i < accounts->group_count; i++)
                if (accounts_has_member(&accounts->groups[i], account->name))
                        gids[question->person.gid_count++] = accounts->groups[i].gid;
        question->share = *share;
        return 0;
}

void nas_shares_explain_share(struct call *call, const struct nas_shares_explain_share_in *in)
{
        struct failure failure = {0};
        struct arena *arena = arena_new();
        struct question *question = arena_alloc(arena, sizeof(*question));
        *question = (struct question){
                .arena = arena, .call = call, .address = in->address ? arena_printf(arena, "%s", in->address) : NULL};
        if (find(question, in->username, in->share, &failure) != 0) {
                changes_refuse(clerk.changes, call, &failure);
                arena_free(arena);
        } else if (is_served(question) && is_let_in(question)) {
                folder_look(question->share.path, seen, question);
        } else {
                reply(question);
        }
}
