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
        struct accounts accounts;
        struct person person;
        struct nas_shares_explain_share_out answer;
};

static void reply(struct question *question)
{
        nas_shares_explain_share_reply(question->call, &question->answer);
        arena_free(question->arena);
}

/* What stops them from all, or (may read) from writing. */
static void stops(struct question *question, bool may_read, const char *because, const char *fix)
{
        question->answer.reads = may_read;
        question->answer.writes = false;
        question->answer.sentence =
                arena_printf(question->arena, "%s %s %s: %s", question->person.name,
                             may_read ? "can read, but not write to," : "cannot use", question->share.name, because);
        question->answer.fix = fix;
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

/* The list as options, with that person too: a list is set as a whole. */
static const char *with_person(const struct question *question, const char *option, const char *const *names,
                               size_t count)
{
        const char *words = "";
        for (size_t i = 0; i < count; i++)
                words = arena_printf(question->arena, "%s--%s %s ", words, option, names[i]);
        return update(question, arena_printf(question->arena, "%s--%s %s", words, option, question->person.name));
}

/* --- what stops everybody --- */

static bool is_served(struct question *question)
{
        const smb_share shown = smb_shown(&question->share);
        if (shown.served)
                return true;
        const char *fix = !shown.enabled                   ? update(question, "--enabled")
                          : !live_path_is_here(shown.path) ? "bulkhead pools list says what is the matter with it"
                          : !service_wanted("smb")         ? "bulkhead services enable smb"
                                                           : "bulkhead services start smb";
        stops(question, false, arena_printf(question->arena, "nobody can. %s", shown.message), fix);
        return false;
}

/* --- what the account and the share say --- */

static bool is_let_in(struct question *question)
{
        const smb_share *share = &question->share;
        if (!account_enabled(&question->accounts, question->person.name))
                stops(question, false, "the account is disabled.",
                      arena_printf(question->arena, "bulkhead users update %s --enabled", question->person.name));
        else if (share->valid_users_count > 0 && !is_listed(question, share->valid_users, share->valid_users_count))
                stops(question, false, "it is for others (valid_users).",
                      with_person(question, "valid-users", share->valid_users, share->valid_users_count));
        else
                return true;
        return false;
}

/* "" when the share lets them write. */
static const char *why_only_read(const struct question *question, const char **ret_fix)
{
        const smb_share *share = &question->share;
        if (is_listed(question, share->write_list, share->write_list_count))
                return "";
        *ret_fix = with_person(question, "write-list", share->write_list, share->write_list_count);
        if (is_listed(question, share->read_list, share->read_list_count))
                return "the share says that they only read (read_list).";
        return share->read_only ? "the share is read-only." : "";
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
                somewhere ? ", from the addresses that it allows" : "",
                admin ? "; an administrator signs in there with a separate password, which must have been set" : "");
        question->answer.fix =
                admin ? arena_printf(question->arena, "bulkhead users smb-password %s", question->person.name) : NULL;
}

static void seen(const struct folder *way, size_t count, const struct failure *failure, void *context)
{
        struct question *question = context;
        const char *fix = NULL, *because;
        struct failure gone = {0};
        const smb_share *share = smb_numbered(question->share.id, &gone); /* it may be another by now */
        if (!share) {
                call_fail(question->call, &gone);
                arena_free(question->arena);
                return;
        }
        question->share = *share;
        if (failure) {
                stops(question, false, "its folder is not there.", "bulkhead datasets list shows what there is");
        } else if (can_reach(question, way, count)) {
                const struct folder *last = &way[count - 1];
                because = why_only_read(question, &fix);
                if (*because == '\0' && !folder_allows(last, &question->person, MAY_WRITE | MAY_SEARCH)) {
                        because = whose(question, last, "write");
                        fix = give(question, last);
                }
                if (*because)
                        stops(question, true, because, fix);
                else
                        end_well(question);
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
        *question = (struct question){.arena = arena, .call = call};
        if (find(question, in->username, in->share, &failure) != 0) {
                changes_refuse(clerk.changes, call, &failure);
                arena_free(arena);
        } else if (is_served(question) && is_let_in(question)) {
                folder_look(question->share.path, seen, question);
        } else {
                reply(question);
        }
}
