/* Templates filled with values, and actions told to people. What runs and what is shown come from the same
 * functions, so a literal cannot differ from the truth.
 * Rights: none; pure functions, in clerks, hands and the command line alike. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan/plan.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

#define NOTHING "\u2014"
#define BULLETS "\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022"

/* A growing text in an arena. */
struct sink {
        struct arena *arena;
        char *text;
        size_t length, room;
};

static void sink_add(struct sink *sink, const char *text, size_t length)
{
        if (sink->length + length + 1 > sink->room) {
                size_t room = (sink->length + length + 1) * 2;
                char *grown = arena_alloc(sink->arena, room);
                if (sink->length > 0)
                        memcpy(grown, sink->text, sink->length);
                sink->text = grown;
                sink->room = room;
        }
        memcpy(sink->text + sink->length, text, length);
        sink->length += length;
        sink->text[sink->length] = '\0';
}

static size_t find_param(const struct operation *operation, const char *name, size_t length, struct param *ret_param)
{
        for (size_t i = 0; operation_param(operation, i, ret_param); i++)
                if (ret_param->name_length == length && strncmp(ret_param->name, name, length) == 0)
                        return i;
        ASSERT(!"the policy's template names a parameter that is not there");
        return 0;
}

static bool value_is_secret(const struct operation *operation, size_t index)
{
        struct param param = {0};
        for (size_t i = 0; i <= index && !param.rest; i++)
                operation_param(operation, i, &param);
        return param.type && param.type->secret;
}

/* As programs get it; as people see what programs get; as a sentence tells it. */
enum how { AS_IT_IS, MASKED, TOLD };

/* Room as people count it, and exactly. */
static void add_bytes(struct sink *sink, const char *text)
{
        static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
        double size = strtod(text, NULL) / 1024;
        size_t unit = 0;
        for (; size >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
                size /= 1024;
        const char *told =
                size < 1 ? arena_printf(sink->arena, "%s bytes", text)
                         : arena_printf(sink->arena, "%.*f %s (%s bytes)", size < 100 ? 1 : 0, size, units[unit], text);
        sink_add(sink, told, strlen(told));
}

static void add_value(struct sink *sink, const struct param *param, const struct value *value, enum how how)
{
        if (how != AS_IT_IS && param->type->secret)
                sink_add(sink, BULLETS, strlen(BULLETS));
        else if (how == TOLD && value->length == 0)
                sink_add(sink, NOTHING, strlen(NOTHING));
        else if (how == TOLD && param->type == &value_bytes)
                add_bytes(sink, value->text);
        else
                sink_add(sink, value->text, value->length);
}

static void add_values(struct sink *sink, const struct param *param, size_t index, const struct action *action,
                       enum how how)
{
        if (how == TOLD && index >= action->count)
                sink_add(sink, NOTHING, strlen(NOTHING));
        for (size_t i = index; i < action->count && (i == index || param->rest); i++) {
                if (i > index)
                        sink_add(sink, ", ", 2);
                add_value(sink, param, &action->values[i], how);
        }
}

static const char *fill(const char *template, const struct operation *operation, const struct action *action,
                        enum how how, struct arena *arena)
{
        struct sink sink = {.arena = arena};
        sink_add(&sink, "", 0);
        while (*template) {
                size_t plain = strcspn(template, "{");
                sink_add(&sink, template, plain);
                template += plain;
                if (!*template)
                        break;
                if (template[1] == '{') { /* one that is meant so */
                        sink_add(&sink, template, 1);
                        template += 2;
                        continue;
                }
                size_t length = strcspn(template + 1, "}");
                struct param param;
                size_t index = find_param(operation, template + 1, length, &param);
                add_values(&sink, &param, index, action, how);
                template += length + 2;
        }
        return sink.text;
}

const char *template_fill(const char *template, const struct operation *operation, const struct action *action,
                          bool mask, struct arena *arena)
{
        ASSERT(template && operation && action && arena);
        return fill(template, operation, action, mask ? MASKED : AS_IT_IS, arena);
}

/* The place of the "*" parameter that a line mentions; false: it mentions none. */
static bool mentions_rest(const struct operation *operation, const char *line, size_t *ret_index)
{
        for (const char *open = line; (open = strchr(open, '{')); open++) {
                struct param param;
                if (open[1] == '{') {
                        open++;
                        continue;
                }
                *ret_index = find_param(operation, open + 1, strcspn(open + 1, "}"), &param);
                if (param.rest)
                        return true;
        }
        return false;
}

const char *template_lines(const struct operation *operation, const struct action *action, bool mask,
                           struct arena *arena)
{
        ASSERT(operation && operation->lines && action && arena);
        struct sink sink = {.arena = arena};
        struct value *values = arena_array(arena, action->count + 1u, sizeof(*values));
        char *rest = arena_text(arena, operation->lines, strlen(operation->lines));
        bool begun = false;
        sink_add(&sink, "", 0);
        for (char *line; (line = strsep(&rest, "\n"));) {
                size_t first = 0;
                bool many = mentions_rest(operation, line, &first);
                for (size_t i = first; many ? i < action->count : i == first; i++) {
                        struct action one = *action;
                        if (many) {
                                memcpy(values, action->values, first * sizeof(*values));
                                values[first] = action->values[i];
                                one = (struct action){action->operation, (uint8_t)(first + 1), values};
                        }
                        const char *text = template_fill(line, operation, &one, mask, arena);
                        if (begun)
                                sink_add(&sink, "\n", 1);
                        begun = true;
                        sink_add(&sink, text, strlen(text));
                }
        }
        return sink.text;
}

/* Is this argument one "*" parameter alone? */
static bool is_rest(const struct operation *operation, const char *arg, size_t *ret_index)
{
        size_t length = strlen(arg);
        if (length < 3 || arg[0] != '{' || arg[length - 1] != '}' || strchr(arg + 1, '{'))
                return false;
        struct param param;
        *ret_index = find_param(operation, arg + 1, length - 2, &param);
        return param.rest;
}

const char *const *action_args(const struct operation *operation, const struct action *action, bool mask,
                               struct arena *arena)
{
        ASSERT(operation && operation->program && action && arena);
        const char **args = arena_array(arena, OPERATION_ARGS_MAX + PLAN_VALUES_MAX + 2, sizeof(*args));
        size_t count = 0;
        args[count++] = operation->program;
        for (size_t i = 0; operation->args[i]; i++) {
                size_t index;
                if (!is_rest(operation, operation->args[i], &index)) {
                        args[count++] = template_fill(operation->args[i], operation, action, mask, arena);
                        continue;
                }
                for (; index < action->count; index++)
                        args[count++] =
                                mask && value_is_secret(operation, index) ? BULLETS : action->values[index].text;
        }
        return args;
}

static const char *escaped(const char *text, struct arena *arena)
{
        size_t length = strlen(text);
        char *target = arena_alloc(arena, length * 4 + 1);
        text_escape(text, length, target, length * 4 + 1);
        return target;
}

/* As a shell would need it, so that nobody is misled about where a value ends. */
static void add_quoted(struct sink *sink, const char *text)
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,@%+-";
        text = escaped(text, sink->arena);
        if (strcmp(text, BULLETS) == 0 || (*text && text[strspn(text, plain)] == '\0')) {
                sink_add(sink, text, strlen(text));
                return;
        }
        sink_add(sink, "'", 1);
        for (size_t plain_length; *text; text += plain_length) {
                plain_length = strcspn(text, "'");
                sink_add(sink, text, plain_length);
                if (text[plain_length] == '\'') {
                        sink_add(sink, "'\\''", 4);
                        plain_length++;
                }
        }
        sink_add(sink, "'", 1);
}

const char *action_words(const struct operations *operations, const struct action *action, struct arena *arena)
{
        ASSERT(operations && action && arena && action->operation < operations->count);
        const struct operation *operation = &operations->list[action->operation];
        return escaped(fill(operation->says, operation, action, TOLD, arena), arena);
}

const char *action_told(const struct operations *operations, const struct action *action, const struct param *param,
                        struct arena *arena)
{
        ASSERT(operations && action && param && arena && action->operation < operations->count);
        const char *hole = arena_printf(arena, "{%.*s}", (int)param->name_length, param->name);
        return escaped(template_fill(hole, &operations->list[action->operation], action, true, arena), arena);
}

static void add_call(struct sink *sink, const struct operation *operation, const struct action *action)
{
        sink_add(sink, operation->call, strlen(operation->call));
        for (size_t i = 0; i < action->count; i++) {
                sink_add(sink, " ", 1);
                add_quoted(sink, value_is_secret(operation, i) ? BULLETS : action->values[i].text);
        }
}

static void add_file(struct sink *sink, const struct operation *operation, const struct action *action)
{
        sink_add(sink, operation->lines ? "write " : "remove ", operation->lines ? 6 : 7);
        add_quoted(sink, template_fill(operation->path, operation, action, true, sink->arena));
        if (!operation->lines)
                return;
        sink_add(sink, ": ", 2);
        add_quoted(sink, template_lines(operation, action, true, sink->arena));
}

const char *action_literal(const struct operations *operations, const struct action *action, struct arena *arena)
{
        ASSERT(operations && action && arena && action->operation < operations->count);
        const struct operation *operation = &operations->list[action->operation];
        struct sink sink = {.arena = arena};
        sink_add(&sink, "", 0);
        if (operation->act == ACT_CALL) {
                add_call(&sink, operation, action);
        } else if (operation->act == ACT_FILE || operation->act == ACT_TABLE) {
                add_file(&sink, operation, action);
        } else if (operation->act == ACT_UNIT) {
                sink_add(&sink, "systemctl ", 10);
                sink_add(&sink, operation->verb, strlen(operation->verb));
                sink_add(&sink, operation->unit ? " " : "", operation->unit ? 1 : 0);
                if (operation->unit)
                        add_quoted(&sink, template_fill(operation->unit, operation, action, true, arena));
        } else {
                const char *const *args = action_args(operation, action, true, arena);
                for (size_t i = 0; args[i]; i++) {
                        if (i > 0)
                                sink_add(&sink, " ", 1);
                        add_quoted(&sink, args[i]);
                }
        }
        return sink.text;
}

const char *action_undo_literal(const struct operations *operations, const struct action *action, struct arena *arena)
{
        ASSERT(operations && action && arena && action->operation < operations->count);
        struct action undo;
        if (action_undo(operations, action, arena, &undo))
                return action_literal(operations, &undo, arena);
        return operations->list[action->operation].act == ACT_FILE ? "put back what was there" : NULL;
}
