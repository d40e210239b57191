/* Why somebody can, or cannot, use a share over SMB: what the share says.
 * Rights: the shares clerk; reads what it has in memory. */
#include "daemons/shares/clerk/explain.h"

#include "base/mem.h"

static int find(struct question *question, struct failure *failure)
{
        const smb_share *share = smb_named(question->called);
        if (!share)
                return failure_set(failure, FAILURE_NOT_FOUND, "share", "Look at the list of shares.",
                                   "There is no share %s.", question->called);
        question->share = smb_shown(share);
        question->entries = question->share.sids;
        question->entry_count = question->share.sids_count;
        question->id = share->id;
        question->name = share->name;
        question->path =
                share->homes ? arena_printf(question->arena, "%s/%s", share->path, question->person.name) : share->path;
        return 0;
}

static bool is_served(struct question *question)
{
        return explain_served(question, question->share.enabled, question->share.message);
}

static bool is_let_in(struct question *question)
{
        const smb_share *share = &question->share;
        if (question->person.of == PERSON_OF_DIRECTORY) {
                explain_stops(question, false,
                              "the directory tells nothing by which SMB could check the passwords of its people.",
                              "offer the folder by FTP, SFTP or WebDAV: bulkhead transfers create");
                return false;
        }
        if (question->person.of == PERSON_OF_DOMAIN && share->valid_users_count == 0) {
                explain_stops(question, false,
                              "it names nobody (valid_users), so it is for accounts of this machine alone.",
                              "name them, and all others who are to use it, in its valid_users");
                return false;
        }
        if (share->valid_users_count > 0 &&
            !explain_is_listed(question, share->valid_users, share->valid_users_count)) {
                explain_stops(question, false, "it is for others (valid_users).", NULL);
                explain_with_one_more(question, "valid_users", share->valid_users, share->valid_users_count,
                                      question->person.name);
                return false;
        }
        if (!question->address || hosts_allow(share->hosts_allow, share->hosts_allow_count, share->hosts_deny,
                                              share->hosts_deny_count, question->address))
                return true;
        explain_stops(question, false,
                      arena_printf(question->arena, "it may not be used from %s (hosts_allow, hosts_deny).",
                                   question->address),
                      NULL);
        explain_with_one_more(question, "hosts_allow", share->hosts_allow, share->hosts_allow_count, question->address);
        return false;
}

static bool may_write(struct question *question)
{
        const smb_share *share = &question->share;
        const bool reads = explain_is_listed(question, share->read_list, share->read_list_count);
        if (explain_is_listed(question, share->write_list, share->write_list_count) || (!reads && !share->read_only))
                return true;
        explain_stops(question, true,
                      reads ? "the share says that they only read (read_list)." : "the share is read-only.", NULL);
        explain_with_one_more(question, "write_list", share->write_list, share->write_list_count,
                              question->person.name);
        return false;
}

static void ends_well(struct question *question)
{
        const bool admin = question->person.of == PERSON_OF_MACHINE &&
                           account_role(&question->accounts, question->person.name) == ROLE_ADMIN;
        const bool somewhere = question->share.hosts_allow_count + question->share.hosts_deny_count > 0;
        question->answer.sentence = arena_printf(
                question->arena, "%s can read and write %s%s%s.", question->person.name, question->name,
                somewhere && !question->address ? ", from the addresses that it allows" : "",
                admin ? "; an administrator signs in there with a separate password, which must have been set" : "");
        question->answer.fix =
                admin ? arena_printf(question->arena, "bulkhead users smb-password %s", question->person.name) : NULL;
}

const struct explained explained_smb = {.find = find,
                                        .is_served = is_served,
                                        .is_let_in = is_let_in,
                                        .may_write = may_write,
                                        .ends_well = ends_well,
                                        .whole_way = true,
                                        .command = "smb",
                                        .method = "nas.shares.UpdateSmbShare"};
