/* The values of an action, by the names of its parameters.
 * Rights: the storage hand; pure. */
#include "daemons/storage/hand/storage.h"

const char *text_of(const struct act_context *context, const char *param)
{
        const struct value *value = action_value(context->operation, context->action, param);
        return value ? value->text : "";
}

uint64_t number_of(const struct act_context *context, const char *param)
{
        return strtoull(text_of(context, param), NULL, 10);
}
