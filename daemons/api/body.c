/* The body of a request: one JSON object, read strictly.
 * Rights: the front end; memory only. Everything here comes from outside. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

struct depth {
        unsigned level, most;
};

static void measure(const struct json *value, struct depth *depth);

static bool measure_member(const char *name, const struct json *value, void *context)
{
        (void)name;
        measure(value, context);
        return true;
}

static void measure(const struct json *value, struct depth *depth)
{
        enum json_kind kind = json_type_of(value);

        if (kind != JSON_ARRAY && kind != JSON_OBJECT)
                return;
        if (++depth->level > depth->most)
                depth->most = depth->level;
        if (kind == JSON_OBJECT)
                json_each(value, measure_member, depth);
        for (size_t i = 0; kind == JSON_ARRAY && i < json_length(value); i++)
                measure(json_item(value, i), depth);
        depth->level--;
}

/* A body goes into a message, with two levels around it, which a daemon reads with the same limit. */
struct json *body_read(const char *bytes, size_t length, struct failure *failure)
{
        ASSERT(bytes != NULL || length == 0);
        struct depth depth = {0};
        struct json *body CLEANUP(json_freep) = json_parse(length > 0 ? bytes : "", length, failure);

        if (body == NULL)
                return NULL;
        if (json_type_of(body) != JSON_OBJECT) {
                failure_set(failure, FAILURE_MALFORMED, "", "Send a JSON object.", "The body is %s, not an object.",
                            json_type_name(json_type_of(body)));
                return NULL;
        }
        measure(body, &depth);
        if (depth.most > BODY_DEPTH_MAX) {
                failure_set(failure, FAILURE_MALFORMED, "", "", "The body is nested deeper than %d.", BODY_DEPTH_MAX);
                return NULL;
        }
        return TAKE(body);
}

bool request_has_body(const struct idl_member *method)
{
        ASSERT(method != NULL);
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next)
                if (idl_http_place(method, f) == IDL_HTTP_BODY)
                        return true;
        return false;
}
