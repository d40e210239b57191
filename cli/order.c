/* One call to a clerk: parameters and caller written, progress shown, the answer or the error taken.
 * Rights: the command line, as whoever runs it; connects to a clerk's socket. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/daemon.h"
#include "cli/show.h"
#include "wire/client.h"

#include <stdlib.h>
#include <string.h>

enum { READ_MS = 60 * 1000, CHANGE_MS = 60 * 60 * 1000 };

static const struct {
        enum failure_code code;
        int exit;
} exits[] = {
        {FAILURE_MALFORMED, 1},    {FAILURE_INVALID, 2},   {FAILURE_UNAUTHENTICATED, 3}, {FAILURE_DENIED, 3},
        {FAILURE_CONFIRMATION, 7}, {FAILURE_NOT_FOUND, 4}, {FAILURE_CONFLICT, 5},        {FAILURE_BUSY, 6},
        {FAILURE_UNAVAILABLE, 6},  {FAILURE_FAILED, 1},    {FAILURE_ABORTED, 1},
};

int exit_code(const struct failure *failure)
{
        ASSERT(failure != NULL);
        for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
                if (exits[i].code == failure->code)
                        return exits[i].exit;
        return 1;
}

static void write_text(struct json_out *out, const char *name, const char *text)
{
        if (text == NULL)
                return;
        json_out_key(out, name);
        json_out_text(out, text);
}

static void write_parameters(struct json_out *out, const struct asker *asker, const struct order *order)
{
        json_out_object(out);
        if (order->asked != NULL)
                asked_write(order->asked, out);
        json_out_key(out, "caller");
        json_out_object(out);
        write_text(out, "ticket", asker->ticket);
        write_text(out, "warrant", order->warrant);
        if (order->dry_run) {
                json_out_key(out, "dry_run");
                json_out_boolean(out, true);
        }
        json_out_object_end(out);
        for (size_t i = 0; order->members != NULL && order->members[i].name != NULL; i++)
                write_text(out, order->members[i].name, order->members[i].text);
        json_out_object_end(out);
}

static const char *text_of(const struct json *object, const char *name)
{
        const struct json *member = json_member(object, name);
        return json_type_of(member) == JSON_TEXT ? json_text(member, NULL) : "";
}

/* An error's name and parameters as a failure. */
static int take_error(const char *name, const struct json *parameters, struct failure *failure)
{
        const char *dot = strrchr(name, '.');
        const struct json *retry = json_member(parameters, "retry");
        enum failure_code code = FAILURE_FAILED;

        for (size_t i = 0; strncmp(name, "nas.error.", 10) == 0 && i < ARRAY_SIZE(exits); i++)
                if (strcmp(failure_code_name(exits[i].code), dot + 1) == 0)
                        code = exits[i].code;
        const char *message = text_of(parameters, "message");
        (void)failure_set(failure, code, text_of(parameters, "field"), text_of(parameters, "next"), "%s",
                          *message != '\0' ? message : name);
        if (json_type_of(retry) == JSON_INTEGER && json_integer(retry) > 0 && json_integer(retry) < 86400)
                failure->retry_s = (unsigned)json_integer(retry);
        return -1;
}

static int wait_for_answer(struct wire_client *client, const struct order *order, struct json **ret_answer,
                           struct failure *failure)
{
        for (bool bar = false;;) {
                struct json *parameters CLEANUP(json_freep) = NULL;
                char *error = NULL;
                bool continues = false;
                if (wire_client_reply(client, order->more ? CHANGE_MS : READ_MS, &parameters, &error, &continues,
                                      failure) < 0)
                        return -1;
                if (error == NULL && continues) {
                        bar |= show_progress(parameters);
                        continue;
                }
                if (bar)
                        show_progress(NULL);
                int result = error != NULL ? take_error(error, parameters, failure) : 0;
                free(error);
                *ret_answer = TAKE(parameters);
                return result;
        }
}

int order_send(const struct asker *asker, const struct order *order, struct json **ret_answer, struct failure *failure)
{
        ASSERT(asker != NULL && order != NULL && ret_answer != NULL && failure != NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const char *path = arena_printf(asker->arena, "%s/%s.sock", asker->directory, order->clerk);
        struct wire_client *client CLEANUP(wire_client_closep) = wire_client_connect(path, failure);

        *ret_answer = NULL;
        if (client == NULL)
                return -1;
        write_parameters(out, asker, order);
        if (wire_client_call(client, order->method, json_out_bytes(out, NULL), order->more, failure) < 0)
                return -1;
        return wait_for_answer(client, order, ret_answer, failure);
}
