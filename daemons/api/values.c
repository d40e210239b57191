/* One value of a path or a query, typed by the contract and encoded anew. Whether it is a good one is for the daemon to
 * judge; here it only has to be of its type.
 * Rights: the front end; memory only. Everything here comes from outside. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

bool value_integer(const char *text, int64_t *ret_number)
{
        ASSERT(text != NULL && ret_number != NULL);
        const char *digit = text + (*text == '-');
        int64_t number = 0;

        if (*digit == '\0' || (*digit == '0' && (digit[1] != '\0' || digit != text)))
                return false;
        for (; *digit != '\0'; digit++) {
                if (*digit < '0' || *digit > '9' || number > JSON_INTEGER_MAX / 10)
                        return false;
                number = number * 10 + (*digit - '0');
        }
        if (number > JSON_INTEGER_MAX)
                return false;
        *ret_number = *text == '-' ? -number : number;
        return true;
}

static int wrong(const struct idl_field *field, const char *what, struct failure *failure)
{
        return failure_set(failure, FAILURE_INVALID, field->name, "", "must be %s", what);
}

static int write_number(struct json_out *out, const struct idl_field *field, const char *text, struct failure *failure)
{
        struct json *document CLEANUP(json_freep) = json_parse(text, strlen(text), NULL);
        enum json_kind kind = json_type_of(document);

        if (document == NULL || (kind != JSON_NUMBER && kind != JSON_INTEGER))
                return wrong(field, "a number", failure);
        json_out_value(out, document);
        return 0;
}

static int write_word(struct json_out *out, const struct idl_field *field, const struct idl_type *type,
                      const char *text, struct failure *failure)
{
        if (idl_field(type, text) == NULL)
                return wrong(field, "one of the words that the contract lists", failure);
        json_out_text(out, text);
        return 0;
}

int value_write(struct json_out *out, const struct idl_field *field, const struct idl_type *type, const char *text,
                struct failure *failure)
{
        ASSERT(out != NULL && field != NULL && type != NULL && text != NULL);
        const struct idl_type *real = idl_real(type);
        int64_t number;

        switch (real->kind) {
        case IDL_INT:
                if (!value_integer(text, &number))
                        return wrong(field, "an integer", failure);
                json_out_integer(out, number);
                return 0;
        case IDL_BOOL:
                if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
                        return wrong(field, "true or false", failure);
                json_out_boolean(out, *text == 't');
                return 0;
        case IDL_FLOAT:
                return write_number(out, field, text, failure);
        case IDL_ENUM:
                return write_word(out, field, real, text, failure);
        default:
                json_out_text(out, text);
                return 0;
        }
}
