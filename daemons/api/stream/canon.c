/* One spelling of every value: members stand in the order of the contract, those of maps by their names. So the same
 * state has the same version in every process, however many patches it came by; and it is the version that the ETag of
 * a GET has, because the daemons' writers write in that order too.
 * Rights: the front end; memory only. */
#include "daemons/api/stream/stream.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* --- structures --- */

struct rest { /* members that the contract does not know, of a daemon that is newer */
        struct json_out *out;
        const struct idl_type *known;
};

static bool write_unknown(const char *name, const struct json *value, void *context)
{
        struct rest *rest = context;

        if (idl_field(rest->known, name) != NULL)
                return true;
        json_out_key(rest->out, name);
        json_out_value(rest->out, value);
        return true;
}

static void write_known(struct json_out *out, const struct idl_type *type, const struct json *object)
{
        for (const struct idl_field *f = type->fields; f != NULL; f = f->next) {
                if (!json_has(object, f->name))
                        continue;
                json_out_key(out, f->name);
                canon_write(out, f->type, json_member(object, f->name));
        }
}

static void write_struct(struct json_out *out, const struct idl_type *type, const struct json *object)
{
        struct rest rest = {out, type};

        json_out_object(out);
        write_known(out, type, object);
        json_each(object, write_unknown, &rest);
        json_out_object_end(out);
}

/* --- maps --- */

struct names {
        const char **list;
        size_t count;
};

static bool add_name(const char *name, const struct json *value, void *context)
{
        struct names *names = context;

        (void)value;
        names->list[names->count++] = name;
        return true;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_map(struct json_out *out, const struct idl_type *of, const struct json *object)
{
        struct names names = {.list = mem_new(json_length(object), sizeof(*names.list))};

        json_each(object, add_name, &names);
        qsort(names.list, names.count, sizeof(*names.list), by_name);
        json_out_object(out);
        for (size_t i = 0; i < names.count; i++) {
                json_out_key(out, names.list[i]);
                canon_write(out, of, json_member(object, names.list[i]));
        }
        json_out_object_end(out);
        free(names.list);
}

/* --- values --- */

static void write_array(struct json_out *out, const struct idl_type *of, const struct json *array)
{
        json_out_array(out);
        for (size_t i = 0; i < json_length(array); i++)
                canon_write(out, of, json_item(array, i));
        json_out_array_end(out);
}

void canon_write(struct json_out *out, const struct idl_type *type, const struct json *value)
{
        ASSERT(out != NULL && type != NULL);
        const struct idl_type *real = idl_real(type);
        enum json_kind kind = json_type_of(value);

        if (real->kind == IDL_STRUCT && kind == JSON_OBJECT)
                write_struct(out, real, value);
        else if (real->kind == IDL_MAP && kind == JSON_OBJECT)
                write_map(out, real->of, value);
        else if (real->kind == IDL_ARRAY && kind == JSON_ARRAY)
                write_array(out, real->of, value);
        else
                json_out_value(out, value);
}

/* --- parameters and wholes --- */

struct unknown {
        const struct idl_member *method;
        char shown[64]; /* "" */
};

static bool find_unknown(const char *name, const struct json *value, void *context)
{
        struct unknown *unknown = context;
        const struct idl_field *field = idl_field(unknown->method->type, name);

        (void)value;
        if (field == NULL || idl_http_place(unknown->method, field) == IDL_HTTP_COOKIE)
                text_escape(name, strlen(name), unknown->shown, sizeof(unknown->shown));
        return unknown->shown[0] == '\0';
}

int canon_parameters(struct json_out *out, const struct idl_member *method, const struct json *params,
                     struct failure *failure)
{
        ASSERT(out != NULL && method != NULL);
        struct unknown unknown = {.method = method};

        if (params == NULL)
                return 0;
        json_each(params, find_unknown, &unknown);
        if (unknown.shown[0] != '\0')
                return failure_set(failure, FAILURE_INVALID, unknown.shown, "Leave it out.",
                                   "is no parameter of this method");
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next)
                if (json_has(params, f->name) && typed_check_member(f, json_member(params, f->name), failure) < 0)
                        return -1;
        write_known(out, method->type, params);
        return 0;
}

char *canon_whole(const struct idl_member *method, const char *text, size_t length, size_t *ret_length)
{
        ASSERT(method != NULL && text != NULL && ret_length != NULL);
        struct json *document CLEANUP(json_freep) = json_parse(text, length, NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t written;

        if (json_type_of(document) != JSON_OBJECT)
                return NULL;
        canon_write(out, method->reply, document);
        const char *bytes = json_out_bytes(out, &written);
        char *whole = mem_new(written + 1, 1);
        memcpy(whole, bytes, written);
        *ret_length = written;
        return whole;
}
