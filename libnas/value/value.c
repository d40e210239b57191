/* Checking a text against its type, and finding types by name.
 * Rights: every process; none needed. */
#include "value/value.h"

#include "base/log.h"
#include "base/text.h"
#include "value/types.h"

#include <string.h>

const struct value_type *value_type_at(size_t index)
{
        return index < value_type_count ? value_types[index] : NULL;
}

const struct value_type *value_type_find(const char *name)
{
        ASSERT(name != NULL);
        for (size_t i = 0; i < value_type_count; i++)
                if (value_types[i]->name[0] == *name && strcmp(value_types[i]->name, name) == 0)
                        return value_types[i];
        return NULL;
}

bool value_is(const struct value_type *type, const char *text, size_t length)
{
        ASSERT(type != NULL && text != NULL);
        return length <= type->max_bytes && type->check(text, length);
}

int value_check(const struct value_type *type, const char *field, const char *text, size_t length,
                struct failure *failure)
{
        ASSERT(type != NULL && text != NULL);
        if (length <= type->max_bytes && memchr(text, '\0', length) == NULL && text_utf8_valid(text, length) &&
            type->check(text, length))
                return 0;
        return failure_set(failure, FAILURE_INVALID, field, "correct it and send it again; nothing was changed",
                           "%s must be %s", field, type->says);
}
