/* Accounts and groups of the domain and of the directory that datasets belong to: which numbers they have, when
 * somebody names them, and what numbers that are found on disk are called.
 *
 * A number is the same on every day: a domain's is told by the one that it gave the account itself (idmap_rid), a
 * directory's is the one that it keeps. So what a name says once holds, and names found for numbers are kept for an
 * hour.
 *
 * Rights: the storage clerk; asks bulkhead-names. */
#include "daemons/storage/clerk/storage.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "state/names.h"
#include "value/directory.h"
#include "value/folder_owner.h"

#include <stdlib.h>
#include <string.h>

#define DOMAIN_FILE    "/etc/bulkhead/services/domain.conf"
#define DIRECTORY_FILE "/etc/bulkhead/services/directory.conf"
enum { KNOWN_MAX = 1024, ASKED_MOST = 128, AGAIN_MS = 30 * 1000, STALE_MS = 3600 * 1000 };

/* --- whom somebody names --- */

struct finding {
        struct arena *arena; /* holds it */
        const char *fields[PEOPLE], *names[PEOPLE];
        const char *given[PEOPLE];
        size_t asked[PEOPLE], count; /* which of them were asked for */
        people_found *found;
        void *context;
};

static const char *const kinds[PEOPLE] = {"account", "group"};

/* -1: there is nobody who could know them. */
static int somebody_knows(const char *field, const char *name, struct failure *failure)
{
        const bool domains = strchr(name, '\\') != NULL;
        if (live_installed(domains ? DOMAIN_FILE : DIRECTORY_FILE))
                return 0;
        return domains ? failure_set(failure, FAILURE_NOT_FOUND, field, "bulkhead smb join",
                                     "This machine is in no domain.")
                       : failure_set(failure, FAILURE_NOT_FOUND, field, "bulkhead directory set",
                                     "This machine takes nobody from a directory.");
}

static void said(const struct names_answer *answers, size_t count, void *context)
{
        struct finding *finding = context;
        struct failure failure = {0};
        for (size_t i = 0; i < count && failure.code == FAILURE_NONE; i++) {
                const size_t which = finding->asked[i];
                if (answers[i].found == NAMES_FOUND)
                        finding->given[which] =
                                arena_printf(finding->arena, "%u %s", answers[i].number, answers[i].name);
                else
                        (void)names_refuse(&answers[i], finding->fields[which], kinds[which], finding->names[which],
                                           &failure);
        }
        finding->found(finding->given, failure.code == FAILURE_NONE ? NULL : &failure, finding->context);
        arena_free(finding->arena);
}

void people_find(const char *const fields[PEOPLE], const char *const names[PEOPLE], people_found *found, void *context)
{
        ASSERT(fields && names && found);
        static const char *const words[PEOPLE] = {"user", "group"};
        struct failure failure = {0};
        struct arena *arena = arena_new();
        struct finding *finding = arena_alloc(arena, sizeof(*finding));
        const char *questions[PEOPLE];
        *finding = (struct finding){.arena = arena, .found = found, .context = context};
        for (size_t i = 0; i < PEOPLE && failure.code == FAILURE_NONE; i++) {
                finding->fields[i] = fields[i];
                finding->names[i] = finding->given[i] = names[i] ? arena_text(arena, names[i], strlen(names[i])) : "";
                const char *name = finding->names[i];
                if (!owner_is_elsewhere(name) || somebody_knows(fields[i], name, &failure) != 0)
                        continue;
                questions[finding->count] = arena_printf(arena, "%s %s", words[i], name);
                finding->asked[finding->count++] = i;
        }
        if (failure.code == FAILURE_NONE && finding->count > 0) {
                names_ask(clerk.loop, questions, finding->count, said, finding);
                return;
        }
        found(finding->given, failure.code == FAILURE_NONE ? NULL : &failure, context);
        arena_free(arena);
}

/* --- what numbers are called --- */

static struct {
        struct known {
                uint32_t number;
                bool group;
                char *name;        /* NULL: not known, or not now */
                uint64_t again_ms; /* when it is to be asked for */
        } list[KNOWN_MAX];
        size_t count, asked[ASKED_MOST], asked_count;
        bool asking;
} known;

static void learned(const struct names_answer *answers, size_t count, void *context)
{
        (void)context;
        bool news = false;
        const uint64_t now_ms = clock_boot_ms();
        for (size_t i = 0; i < count; i++) {
                struct known *one = &known.list[known.asked[i]];
                one->again_ms = now_ms + (answers[i].found == NAMES_NOT_SAID ? AGAIN_MS : STALE_MS);
                if (answers[i].found != NAMES_FOUND || (one->name && strcmp(one->name, answers[i].name) == 0))
                        continue;
                free(one->name);
                one->name = mem_copy_text(answers[i].name);
                news = true;
        }
        known.asking = false;
        if (news)
                look_into_pools(true, live_tell, NULL);
}

/* Of the domain those in one question, those of the directory in another: where one does not answer, the names of the
 * other do not wait for it. */
void people_tick(void)
{
        const char *questions[ASKED_MOST];
        const uint64_t now_ms = clock_boot_ms();
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        if (known.asking || known.count == 0)
                return;
        const bool is_there[] = {live_installed(DIRECTORY_FILE), live_installed(DOMAIN_FILE)};
        bool of = false;
        known.asked_count = 0;
        for (size_t i = 0; i < known.count && known.asked_count < ASKED_MOST; i++) {
                const struct known *one = &known.list[i];
                const bool domains = one->number > DIRECTORY_LAST;
                if (now_ms < one->again_ms || !is_there[domains] || (known.asked_count > 0 && domains != of))
                        continue;
                of = domains;
                questions[known.asked_count] = arena_printf(arena, "%s %u", one->group ? "gid" : "uid", one->number);
                known.asked[known.asked_count++] = i;
        }
        if (known.asked_count == 0)
                return;
        known.asking = true;
        names_ask(clerk.loop, questions, known.asked_count, learned, NULL);
}

const char *people_named(uint32_t number, bool group)
{
        if (!owner_number_is_elsewhere(number))
                return NULL;
        for (size_t i = 0; i < known.count; i++)
                if (known.list[i].number == number && known.list[i].group == group)
                        return known.list[i].name;
        if (known.count < KNOWN_MAX) /* what a pool of another machine says is no reason to ask without end */
                known.list[known.count++] = (struct known){.number = number, .group = group};
        return NULL;
}
