/* Whom it is explained to: an account of this machine, of its domain or of its directory; and what those are called
 * whom folders belong to.
 *
 * Rights: the shares clerk; reads the accounts, asks bulkhead-names. */
#include "daemons/shares/clerk/explain.h"

#include "base/log.h"
#include "base/mem.h"
#include "state/names.h"
#include "value/folder_owner.h"
#include "value/setting.h"

#include <stdlib.h>
#include <string.h>

/* --- who asks --- */

static int find_here(struct question *question, const char *username, struct failure *failure)
{
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
        return 0;
}

static void said(const struct names_answer *answers, size_t count, void *context)
{
        struct question *question = context;
        ASSERT(count == 2);
        struct failure failure = {0};
        for (size_t i = 0; i < count; i++)
                if (answers[i].found != NAMES_FOUND) {
                        (void)names_refuse(&answers[i], "username", "account", question->person.name, &failure);
                        explain_begin(question, &failure);
                        return;
                }
        const bool domains = strchr(question->person.name, '\\') != NULL;
        uint32_t *gids = arena_array(question->arena, answers[1].group_count + 1, sizeof(*gids));
        for (size_t i = 0; i < answers[1].group_count; i++)
                gids[i] = answers[1].groups[i];
        question->person = (struct person){.name = arena_printf(question->arena, "%s", answers[0].name),
                                           .uid = answers[0].number,
                                           .gids = gids,
                                           .gid_count = answers[1].group_count,
                                           .of = domains ? PERSON_OF_DOMAIN : PERSON_OF_DIRECTORY};
        explain_begin(question, NULL);
}

void explain_find_person(struct question *question, const char *username)
{
        ASSERT(question && username);
        struct failure failure = {0};
        int result = failure_system(&failure, FAILURE_FAILED, "", accounts_read(question->arena, &question->accounts));
        if (result == 0 && owner_is_elsewhere(username)) {
                const char *const questions[] = {arena_printf(question->arena, "user %s", username),
                                                 arena_printf(question->arena, "groups %s", username)};
                question->person.name = arena_printf(question->arena, "%s", username);
                names_ask(clerk.loop, questions, ARRAY_SIZE(questions), said, question);
                return;
        }
        if (result == 0)
                result = find_here(question, username, &failure);
        explain_begin(question, result == 0 ? NULL : &failure);
}

/* --- is it one of a list? --- */

/* Of a named_sid or a named_number: what the kernel knows them by. */
static uint32_t entry_number(const char *entry)
{
        if (strncmp(entry, "S-", 2) != 0)
                return (uint32_t)strtoul(entry, NULL, 10);
        const char *at = entry + strcspn(entry, " ");
        while (at > entry && at[-1] != '-')
                at--;
        return (uint32_t)(SETTING_DOMAIN_FIRST + strtoul(at, NULL, 10));
}

static bool has_group(const struct person *person, uint32_t gid)
{
        for (size_t i = 0; i < person->gid_count; i++)
                if (person->gids[i] == gid)
                        return true;
        return false;
}

static bool is_it(const struct question *question, const char *name)
{
        const struct person *person = &question->person;
        const char *entry = entry_named(question->entries, question->entry_count, name);
        if (name[0] != '@')
                return entry ? person->uid == entry_number(entry) : strcmp(name, person->name) == 0;
        if (entry)
                return has_group(person, entry_number(entry));
        const struct account_group *group = accounts_group(&question->accounts, name + 1);
        return group && has_group(person, group->gid);
}

bool explain_is_listed(const struct question *question, const char *const *names, size_t count)
{
        ASSERT(question && (names || count == 0));
        for (size_t i = 0; i < count; i++)
                if (is_it(question, names[i]))
                        return true;
        return false;
}

/* --- whom a folder belongs to --- */

enum { OF_ONE_FOLDER = 2 };

static void named(const struct names_answer *answers, size_t count, void *context)
{
        struct question *question = context;
        for (size_t i = 0; i < count; i++)
                if (answers[i].found == NAMES_FOUND)
                        *question->unnamed[i] = arena_printf(question->arena, "%s", answers[i].name);
        explain_judge(question);
}

static const char *name_here(const struct question *question, uint32_t number, bool group)
{
        const struct account *account = group ? NULL : accounts_numbered(&question->accounts, number);
        const struct account_group *found = group ? accounts_group_numbered(&question->accounts, number) : NULL;
        return account ? account->name : found ? found->name : NULL;
}

void explain_name_owners(struct question *question)
{
        ASSERT(question);
        struct arena *arena = question->arena;
        const char *questions[NAMES_QUESTIONS_MAX];
        size_t count = 0;
        question->owners = arena_array(arena, question->way_count + 1, sizeof(*question->owners));
        question->unnamed = arena_array(arena, NAMES_QUESTIONS_MAX, sizeof(*question->unnamed));
        for (size_t i = 0; i < question->way_count && count + OF_ONE_FOLDER <= NAMES_QUESTIONS_MAX; i++)
                for (size_t group = 0; group < OF_ONE_FOLDER; group++) {
                        const uint32_t number = group ? question->way[i].gid : question->way[i].uid;
                        const char **name = group ? &question->owners[i].group : &question->owners[i].owner;
                        *name = name_here(question, number, group);
                        if (*name)
                                continue;
                        *name = arena_printf(arena, group ? "none known (%u)" : "nobody known (%u)", number);
                        if (!owner_number_is_elsewhere(number))
                                continue;
                        questions[count] = arena_printf(arena, "%s %u", group ? "gid" : "uid", number);
                        question->unnamed[count++] = name;
                }
        if (count > 0)
                names_ask(clerk.loop, questions, count, named, question);
        else
                explain_judge(question);
}
