/* Actions: an operation with its values. Judging them by the policy, finding their undo, their layout.
 * Rights: none; pure functions, in clerks and hands alike. */
#include "base/log.h"
#include "plan/check.h"

#include <stdio.h>
#include <string.h>

const struct operations *operations_of(const char *hand)
{
        ASSERT(hand);
        for (size_t i = 0; operation_lists[i]; i++)
                if (strcmp(operation_lists[i]->hand, hand) == 0)
                        return operation_lists[i];
        return NULL;
}

bool operation_param(const struct operation *operation, size_t index, struct param *ret_param)
{
        ASSERT(operation && index <= OPERATION_PARAMS_MAX && ret_param);
        const char *text = operation->params[index];
        if (!text)
                return false;
        const char *colon = strchr(text, ':');
        ASSERT(colon);
        char type[48];
        size_t length = strcspn(colon + 1, "?*");
        ASSERT(length < sizeof(type));
        memcpy(type, colon + 1, length);
        type[length] = '\0';
        *ret_param = (struct param){.name = text,
                                    .name_length = (size_t)(colon - text),
                                    .type = value_type_find(type),
                                    .optional = colon[1 + length] == '?',
                                    .rest = colon[1 + length] == '*'};
        ASSERT(ret_param->type);
        return true;
}

static int check_count(const struct operation *operation, size_t given, struct failure *failure)
{
        struct param param;
        size_t least = 0;
        bool rest = false;
        while (operation_param(operation, least, &param)) {
                rest = param.rest;
                if (rest)
                        break;
                least++;
        }
        if (given < least || (given > least && !rest) || given > PLAN_VALUES_MAX)
                return failure_set(failure, FAILURE_INVALID, "plan", "", "has a wrong number of values for %s",
                                   operation->name);
        return 0;
}

int action_check_blanked(const struct operations *operations, const struct action *action, bool blanked,
                         struct failure *failure)
{
        ASSERT(operations && action);
        if (action->operation >= operations->count || !operations->list[action->operation].name)
                return failure_set(failure, FAILURE_INVALID, "plan", "", "names an operation that does not exist");
        const struct operation *operation = &operations->list[action->operation];
        if (check_count(operation, action->count, failure) != 0)
                return -1;
        struct param param = {0};
        for (size_t i = 0; i < action->count; i++) {
                if (!param.rest)
                        operation_param(operation, i, &param);
                const struct value *value = &action->values[i];
                if (value->length == 0 && (param.optional || (blanked && param.type->secret)))
                        continue;
                char name[64];
                snprintf(name, sizeof(name), "%.*s", (int)param.name_length, param.name);
                if (value_check(param.type, name, value->text, value->length, failure) != 0)
                        return -1;
        }
        return 0;
}

int action_check(const struct operations *operations, const struct action *action, struct failure *failure)
{
        return action_check_blanked(operations, action, false, failure);
}

const struct value *action_value(const struct operation *operation, const struct action *action, const char *name)
{
        ASSERT(operation && action && name);
        struct param param;
        for (size_t i = 0; operation_param(operation, i, &param); i++)
                if (strlen(name) == param.name_length && strncmp(name, param.name, param.name_length) == 0)
                        return i < action->count ? &action->values[i] : NULL;
        return NULL;
}

static uint16_t operation_number(const struct operations *operations, const char *name)
{
        for (uint16_t i = 0; i < operations->count; i++)
                if (operations->list[i].name && strcmp(operations->list[i].name, name) == 0)
                        return i;
        ASSERT(!"the policy names an undo that is not in it");
        return 0;
}

bool action_undo(const struct operations *operations, const struct action *action, struct arena *arena,
                 struct action *ret_undo)
{
        ASSERT(operations && action && arena && ret_undo && action->operation < operations->count);
        const struct operation *operation = &operations->list[action->operation];
        if (!operation->undo)
                return false;
        struct value *values = arena_array(arena, OPERATION_PARAMS_MAX, sizeof(*values));
        uint8_t count = 0;
        for (; operation->undo_values[count]; count++) {
                const struct value *value = action_value(operation, action, operation->undo_values[count]);
                ASSERT(value);
                values[count] = *value;
        }
        *ret_undo = (struct action){
                .operation = operation_number(operations, operation->undo), .count = count, .values = values};
        return true;
}

void action_write(struct writer *writer, const struct action *action)
{
        ASSERT(writer && action);
        writer_u16(writer, action->operation);
        writer_u8(writer, action->count);
        for (size_t i = 0; i < action->count; i++)
                writer_field(writer, action->values[i].text, action->values[i].length);
}

bool action_read(struct reader *reader, struct arena *arena, struct action *ret_action)
{
        ASSERT(reader && arena && ret_action);
        struct action action = {0};
        action.operation = reader_u16(reader);
        action.count = reader_u8(reader);
        if (reader->bad || action.count > PLAN_VALUES_MAX)
                return false;
        struct value *values = arena_array(arena, action.count, sizeof(*values));
        for (size_t i = 0; i < action.count; i++) {
                size_t length;
                const uint8_t *text = reader_field(reader, &length);
                if (!text || memchr(text, '\0', length))
                        return false;
                values[i] = (struct value){.text = arena_text(arena, (const char *)text, length),
                                           .length = (uint16_t)length};
        }
        action.values = values;
        *ret_action = action;
        return true;
}

int action_decode(struct arena *arena, const void *bytes, size_t length, struct action *ret_action)
{
        ASSERT(arena && (bytes || length == 0) && ret_action);
        struct reader reader = reader_of(bytes, length);
        struct action action;
        if (!action_read(&reader, arena, &action) || !reader_ended(&reader))
                return -1;
        *ret_action = action;
        return 0;
}
