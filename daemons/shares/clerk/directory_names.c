/* People and groups of the directory, as they are named: each has a number there, by which a transfer knows them. So
 * the kernel decides whom it lets through, and needs no directory for that.
 * Rights: the shares clerk; its hand has a unit ask. */
#include "daemons/shares/clerk/directory.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "value/directory.h"
#include "value/transfer.h"

#include <fcntl.h>
#include <string.h>

enum { LOOK_MAX = 64 * 1024 };

struct asking {
        struct arena *arena; /* holds it, and what is found */
        const char *const *names;
        size_t name_count, name; /* the one that is asked about */
        const char **numbers;
        size_t count;
        numbers_seen *seen;
        void *context;
};

static int folder = -1; /* of what units write down */

void directory_names_prepare(int run)
{
        folder = run;
}

static void end(struct asking *asking, const struct failure *failure)
{
        asking->seen(asking->numbers, asking->count, failure, asking->context);
        arena_free(asking->arena);
}

static void next(struct asking *asking);

static void answered(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        const char *name = asking->names[asking->name];
        struct failure failure = {0};
        const char *printed = reply && reply->outcome == OUTCOME_SUCCESS
                                      ? file_text_below(folder, "directory-look", LOOK_MAX, asking->arena)
                                      : NULL;
        const char *number = printed ? directory_number_read(printed, name, asking->arena) : NULL;
        (void)output;
        (void)output_length;
        if (number) {
                asking->numbers[asking->count++] = number;
                asking->name++;
                next(asking);
                return;
        }
        failure_set(&failure, FAILURE_NOT_FOUND, "users",
                    "Is it spelled as there, with a number from 100000 on, and does it answer? bulkhead directory show",
                    "The directory knows no %s %s.", *name == '@' ? "group" : "account", name + (*name == '@'));
        end(asking, &failure);
}

/* Goes on with the next name that is the directory's and whose number is not known yet. */
static void next(struct asking *asking)
{
        struct failure failure = {0};
        for (; asking->name < asking->name_count; asking->name++) {
                const char *name = asking->names[asking->name], *plain = name + (*name == '@');
                if (!directory_names(name, strlen(name)) || entry_named(asking->numbers, asking->count, name))
                        continue;
                if (directory_now(asking->arena).server_count == 0) {
                        failure_set(&failure, FAILURE_NOT_FOUND, "users", "bulkhead directory set",
                                    "This machine takes nobody from a directory.");
                        end(asking, &failure);
                        return;
                }
                shares_ask(SHARES_DIRECTORY_LOOK,
                           arena_text(asking->arena, plain, strlen(plain) - strlen(DIRECTORY_SUFFIX)), asking->arena,
                           answered, asking);
                return;
        }
        end(asking, NULL);
}

/* Those known before stay as long as they are named. */
static void keep(struct asking *asking, const char *const *known, size_t count)
{
        for (size_t i = 0; i < asking->name_count && asking->count < TRANSFER_USERS_MAX; i++) {
                const char *number = entry_named(known, count, asking->names[i]);
                if (number && !entry_named(asking->numbers, asking->count, asking->names[i]))
                        asking->numbers[asking->count++] = arena_text(asking->arena, number, strlen(number));
        }
}

void directory_numbers(const char *const *names, size_t count, const char *const *known, size_t known_count,
                       numbers_seen *seen, void *context)
{
        ASSERT((names || count == 0) && seen);
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking =
                (struct asking){.arena = arena, .names = names, .name_count = count, .seen = seen, .context = context};
        asking->numbers = arena_array(arena, count + TRANSFER_USERS_MAX + 1, sizeof(*asking->numbers));
        keep(asking, known, known_count);
        next(asking);
}
