/* Why somebody can, or cannot, use what is offered: everything on the way is asked in the order in which it would stop
 * them, and the first that does is the answer, with the call that would mend it.
 * Rights: the shares clerk; reads the accounts, its hand says what the folders are. */
#include "daemons/shares/clerk/explain.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What no shell takes for anything else. */
#define WORD "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@_.:/-"

static void reply(struct question *question)
{
        nas_shares_explain_share_reply(question->call, &question->answer);
        arena_free(question->arena);
}

void explain_stops(struct question *question, bool may_read, const char *because, const char *fix)
{
        question->answer.reads = may_read;
        question->answer.writes = false;
        question->answer.sentence =
                arena_printf(question->arena, "%s %s %s: %s", question->person.name,
                             may_read ? "can read, but not write to," : "cannot use", question->name, because);
        question->answer.fix = fix;
}

void explain_mended_by(struct question *question, const char *method, const char *parameters)
{
        struct failure failure;
        question->answer.fix_method = method;
        question->answer.fix_parameters = json_parse_in(question->arena, parameters, strlen(parameters), &failure);
        ASSERT(question->answer.fix_parameters);
}

void explain_mended_by_change(struct question *question, const char *words, const char *members)
{
        question->answer.fix = arena_printf(question->arena, "bulkhead %s update %" PRId64 " %s", question->by->command,
                                            question->id, words);
        explain_mended_by(question, question->by->method,
                          arena_printf(question->arena, "{\"id\":%" PRId64 ",%s}", question->id, members));
}

const char *explain_replaced(const char *text, const char *characters, const char *by, struct arena *arena)
{
        const char *all = "";
        for (size_t part; *text; text += part + (text[part] != '\0')) {
                part = strcspn(text, characters);
                all = arena_printf(arena, "%s%.*s%s", all, (int)part, text, text[part] ? by : "");
        }
        return all;
}

const char *explain_quoted(const char *name, struct arena *arena)
{
        return name[strspn(name, WORD)] ? arena_printf(arena, "'%s'", explain_replaced(name, "'", "'\\''", arena))
                                        : name;
}

void explain_with_one_more(struct question *question, const char *member, const char *const *names, size_t count,
                           const char *one)
{
        const char *words = "", *values = "";
        char *option = arena_text(question->arena, member, strlen(member));
        for (char *at = option; (at = strchr(at, '_'));)
                *at = '-';
        for (size_t i = 0; i <= count; i++) {
                const char *name = i < count ? names[i] : one;
                words = arena_printf(question->arena, "%s%s--%s %s", words, i > 0 ? " " : "", option,
                                     explain_quoted(name, question->arena));
                values = arena_printf(question->arena, "%s%s\"%s\"", values, i > 0 ? "," : "",
                                      explain_replaced(name, "\\", "\\\\", question->arena));
        }
        explain_mended_by_change(question, words, arena_printf(question->arena, "\"%s\":[%s]", member, values));
}

/* --- what stops everybody, and what the account says --- */

bool explain_served(struct question *question, bool enabled, const char *message)
{
        if (!message)
                return true;
        const bool here = live_path_is_here(question->path), wanted = service_wanted(question->service);
        explain_stops(question, false, arena_printf(question->arena, "nobody can. %s", message),
                      !here ? "bulkhead pools list says what is the matter with it"
                            : arena_printf(question->arena, "bulkhead services %s %s", wanted ? "start" : "enable",
                                           question->service));
        if (!enabled)
                explain_mended_by_change(question, "--enabled", "\"enabled\":true");
        else if (here)
                explain_mended_by(question, wanted ? "nas.shares.StartService" : "nas.shares.EnableService",
                                  arena_printf(question->arena, "{\"id\":\"%s\"}", question->service));
        return false;
}

static bool is_enabled(struct question *question)
{
        if (question->person.of != PERSON_OF_MACHINE || account_enabled(&question->accounts, question->person.name))
                return true; /* whether one of elsewhere is, is said there, when they sign in */
        explain_stops(question, false, "the account is disabled.",
                      arena_printf(question->arena, "bulkhead users update %s --enabled", question->person.name));
        explain_mended_by(
                question, "nas.users.UpdateUser",
                arena_printf(question->arena, "{\"username\":\"%s\",\"enabled\":true}", question->person.name));
        return false;
}

/* --- what the file system says --- */

bool explain_is_there_still(struct question *question)
{
        ASSERT(question);
        struct failure gone = {0};
        if (question->by->find(question, &gone) == 0)
                return true;
        call_fail(question->call, &gone);
        arena_free(question->arena);
        return false;
}

/* Does nothing of what everybody has in common stop them? */
static bool has_room(struct question *question, const struct reply *said)
{
        struct reader reader = reader_of(said->answer, said->answer_length);
        const bool is_so = reader_u8(&reader);
        const uint64_t room = reader_u64(&reader), takes = reader_u64(&reader), may_take = reader_u64(&reader);
        if (live_path_is_read_only(question->path))
                explain_stops(question, true, "its pool is mounted so that nothing can be written to it.",
                              "bulkhead pools list says what is the matter with it");
        else if (is_so)
                explain_stops(question, true, "its dataset is read-only, as the copy of another is.",
                              "bulkhead replications list says whose copy it is");
        else if (may_take > 0 && takes + ROOM_LEAST > may_take)
                explain_stops(
                        question, true,
                        arena_printf(question->arena, "the quota of its dataset (%" PRIu64 " MiB) is used up.",
                                     may_take >> 20),
                        "delete something, also snapshots of it, or bulkhead datasets set with a greater --quota");
        else if (room < ROOM_LEAST)
                explain_stops(question, true, "its pool is full.",
                              "delete something, also snapshots, or add a disk to the pool");
        else
                return true;
        return false;
}

void explain_ends(struct question *question, bool well)
{
        ASSERT(question);
        if (well) {
                question->answer.reads = question->answer.writes = true;
                question->by->ends_well(question);
        }
        reply(question);
}

static void roomed(const struct reply *said, const char *output, size_t output_length, void *context)
{
        struct question *question = context;
        (void)output;
        (void)output_length;
        if (!explain_is_there_still(question))
                return;
        const bool known = said && said->outcome == OUTCOME_SUCCESS;
        if (!known)
                explain_stops(question, true, "what room there is cannot be asked now.", NULL);
        const bool well = known && has_room(question, said);
        if (well && live_path_may_count(question->path))
                explain_limits(question);
        else
                explain_ends(question, well);
}

static void judge(struct question *question)
{
        const struct folder *way = question->way, *last = &way[question->way_count - 1];
        const char *dataset = folder_dataset(way, question->way_count);
        if (explain_reaches(question) && question->by->may_write(question) && explain_lets_write(question, last))
                shares_ask(SHARES_ROOM_LOOK, arena_printf(question->arena, "%s", dataset ? dataset : way[0].path),
                           question->arena, roomed, question);
        else
                reply(question);
}

void explain_judge(struct question *question)
{
        ASSERT(question);
        if (explain_is_there_still(question))
                judge(question);
}

/* Kept beyond the look. */
static void keep(struct question *question, const struct folder *way, size_t count)
{
        struct folder *copy = arena_array(question->arena, count, sizeof(*copy));
        for (size_t i = 0; i < count; i++) {
                copy[i] = way[i];
                copy[i].path = arena_printf(question->arena, "%s", way[i].path);
                copy[i].acl = (const uint8_t *)arena_text(question->arena, (const char *)way[i].acl, way[i].acl_length);
        }
        question->way = copy;
        question->way_count = count;
}

static void seen(const struct folder *way, size_t count, const struct failure *failure, void *context)
{
        struct question *question = context;
        if (!failure) {
                keep(question, way, count);
                explain_name_owners(question);
                return;
        }
        if (!explain_is_there_still(question))
                return;
        const bool own = question->by == &explained_smb && question->share.homes;
        explain_stops(question, false, own ? "the folder of their own is not there." : "its folder is not there.",
                      own ? "journalctl -u 'bulkhead-homes@*' says why it could not be made"
                          : "bulkhead datasets list shows what there is");
        reply(question);
}

/* --- asked --- */

void explain_begin(struct question *question, const struct failure *wrong)
{
        ASSERT(question);
        struct failure failure = {0};
        if (wrong || question->by->find(question, &failure) != 0) {
                changes_refuse(clerk.changes, question->call, wrong ? wrong : &failure);
                arena_free(question->arena);
        } else if (question->by->is_served(question) && is_enabled(question) && question->by->is_let_in(question)) {
                folder_look(question->path, seen, question);
        } else {
                reply(question);
        }
}

void nas_shares_explain_share(struct call *call, const struct nas_shares_explain_share_in *in)
{
        struct arena *arena = arena_new();
        struct question *question = arena_alloc(arena, sizeof(*question));
        const bool by_smb = !in->has_protocol || in->protocol == NAS_SHARES_SHARE_PROTOCOL_SMB;
        *question = (struct question){.arena = arena,
                                      .call = call,
                                      .by = by_smb ? &explained_smb : &explained_transfer,
                                      .service = by_smb ? "smb" : nas_shares_share_protocol_word(in->protocol),
                                      .called = arena_printf(arena, "%s", in->share),
                                      .address = in->address ? arena_printf(arena, "%s", in->address) : NULL};
        explain_find_person(question, in->username);
}
