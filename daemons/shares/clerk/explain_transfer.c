/* Why somebody can, or cannot, use a folder by FTP, SFTP, WebDAV or rsync: what the transfer says.
 * Rights: the shares clerk; reads what it has in memory. */
#include "daemons/shares/clerk/explain.h"

#include "base/mem.h"
#include "value/transfer.h"

#include <string.h>

static int find(struct question *question, struct failure *failure)
{
        const transfer_offer *transfer = transfer_named(question->called);
        if (!transfer)
                return failure_set(failure, FAILURE_NOT_FOUND, "share", "Look at the list of transfers.",
                                   "There is no transfer %s.", question->called);
        question->transfer = *transfer;
        question->entries = question->transfer.numbers;
        question->entry_count = question->transfer.numbers_count;
        question->id = transfer->id;
        question->name = transfer->name;
        question->path = transfer->path;
        return 0;
}

/* By this way: how the others are does not matter. */
static bool is_served(struct question *question)
{
        transfer_offer *transfer = &question->transfer;
        const char *away = live_path_why_not(transfer->path);
        const char *message = !transfer->enabled                            ? "It is not enabled."
                              : !transfer_uses(transfer, question->service) ? "It is not offered in that way."
                              : away                                        ? away
                                                                            : service_why_not(question->service);
        if (!transfer->enabled || transfer_uses(transfer, question->service))
                return explain_served(question, transfer->enabled, message);
        const char *words[TRANSFER_PROTOCOLS];
        for (size_t i = 0; i < transfer->protocols_count; i++)
                words[i] = transfer_protocols[transfer->protocols[i]];
        explain_stops(question, false, arena_printf(question->arena, "nobody can. %s", message), NULL);
        explain_with_one_more(question, "protocols", words, transfer->protocols_count, question->service);
        return false;
}

static bool is_let_in(struct question *question)
{
        const transfer_offer *transfer = &question->transfer;
        if (question->person.of == PERSON_OF_DOMAIN) {
                explain_stops(question, false, "accounts of a domain use shares over SMB alone.",
                              "share the folder over SMB: bulkhead smb create");
                return false;
        }
        const bool elsewhere = question->person.of == PERSON_OF_DIRECTORY;
        if (elsewhere && (transfer->users_count == 0 || strcmp(question->service, "rsync") == 0)) {
                explain_stops(question, false,
                              transfer->users_count == 0
                                      ? "it names nobody (users), so it is for accounts of this machine alone."
                                      : "people of the directory are not let in by rsync.",
                              transfer->users_count == 0 ? "name them, and all others who are to use it, in its users"
                                                         : "offer the folder by FTP, SFTP or WebDAV");
                return false;
        }
        if (transfer->users_count == 0 || explain_is_listed(question, transfer->users, transfer->users_count))
                return true;
        explain_stops(question, false, "it is for others (users).", NULL);
        explain_with_one_more(question, "users", transfer->users, transfer->users_count, question->person.name);
        return false;
}

static bool may_write(struct question *question)
{
        if (!question->transfer.read_only)
                return true;
        explain_stops(question, true, "nobody can write to it in these ways (read_only).", NULL);
        explain_mended_by_change(question, "--no-read-only", "\"read_only\":false");
        return false;
}

static void ends_well(struct question *question)
{
        question->answer.sentence =
                arena_printf(question->arena, "%s can read and write %s.", question->person.name, question->name);
}

const struct explained explained_transfer = {.find = find,
                                             .is_served = is_served,
                                             .is_let_in = is_let_in,
                                             .may_write = may_write,
                                             .ends_well = ends_well,
                                             .command = "transfers",
                                             .method = "nas.shares.UpdateTransfer"};
