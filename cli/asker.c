/* For whom we ask: root by the kernel's word, or somebody who signs in.
 * Rights: the command line, as whoever runs it; asks at the terminal, connects to the users daemon. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/daemon.h"
#include "cli/terminal.h"

#include <string.h>
#include <unistd.h>

static int take_text(struct asker *asker, const struct json *answer, const char *name, const char **ret_text)
{
        size_t length;
        const struct json *member = json_member(answer, name);

        if (json_type_of(member) != JSON_TEXT)
                return -1;
        const char *text = json_text(member, &length);
        *ret_text = arena_text(asker->arena, text, length);
        return 0;
}

/* The second factor, if the account has one. */
static const char *ask_code(const struct asker *asker, int fd)
{
        if (fd >= 0)
                return secret_from_fd(asker->arena, fd);
        const char *code = terminal_asks() ? line_ask(asker->arena, "second factor (empty if none): ") : NULL;
        return code != NULL && *code != '\0' ? code : NULL;
}

static int sign_in(struct asker *asker, const struct asked *asked, struct failure *failure)
{
        struct json *answer CLEANUP(json_freep) = NULL;
        const char *code;

        if (asked->as_fd >= 0)
                asker->password = secret_from_fd(asker->arena, asked->as_fd);
        else if (terminal_asks())
                asker->password =
                        secret_ask(asker->arena, arena_printf(asker->arena, "password of %s", asked->as), false);
        if (asker->password == NULL)
                return failure_set(failure, FAILURE_INVALID, "", "Without a terminal: --as-password-fd N",
                                   "no password for %s", asked->as);
        code = asked->as_fd >= 0 && asked->code_fd < 0 ? NULL : ask_code(asker, asked->code_fd);
        asker->has_code = code != NULL;
        const struct order_member members[] = {
                {"username", asked->as}, {"password", asker->password}, {"code", code}, {NULL, NULL}};
        const struct order order = {.clerk = "users", .method = "nas.users.Login", .members = members};
        if (order_send(asker, &order, &answer, failure) < 0)
                return -1;
        if (take_text(asker, answer, "token", &asker->ticket) < 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "the users daemon gave no ticket");
        return 0;
}

int asker_begin(struct asker *asker, const struct asked *asked, struct failure *failure)
{
        ASSERT(asker != NULL && asked != NULL && failure != NULL);
        const struct idl_note *role = asked->command->method->said.notes[IDL_ROLE];

        if (asked->as != NULL)
                return sign_in(asker, asked, failure);
        asker->console = geteuid() == 0;
        if (asker->console && console_ticket(asker->arena, asker->directory, &asker->ticket, failure) == 0)
                return 0;
        if (role->role == ROLE_NOBODY) /* goes without */
                return 0;
        if (!asker->console)
                return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Become root, or say --as USER.",
                                   "nobody is signed in");
        return -1;
}

int asker_warrant(const struct asker *asker, const char *digest, const char *plan, const char **ret_warrant,
                  struct failure *failure)
{
        ASSERT(asker != NULL && digest != NULL && plan != NULL && ret_warrant != NULL);
        struct json *answer CLEANUP(json_freep) = NULL;
        struct asker own = *asker;

        if (asker->console)
                return console_warrant(asker->arena, asker->directory, digest, ret_warrant, failure);
        if (asker->password == NULL)
                return failure_set(failure, FAILURE_CONFIRMATION, "", "Say --as USER.", "a person must confirm this");
        const char *code = asker->has_code ? ask_code(asker, -1) : NULL;
        const struct order_member members[] = {
                {"digest", digest}, {"plan", plan}, {"password", asker->password}, {"code", code}, {NULL, NULL}};
        const struct order order = {.clerk = "users", .method = "nas.users.Confirm", .members = members};
        if (order_send(asker, &order, &answer, failure) < 0)
                return -1;
        if (take_text(&own, answer, "warrant", ret_warrant) < 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "the users daemon gave no warrant");
        return 0;
}
