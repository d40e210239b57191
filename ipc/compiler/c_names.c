/* What things are called in C, and in which order structs must be declared.
 * Rights: the compiler on the build machine; works on the parsed tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/emit.h"

#include <ctype.h>
#include <string.h>

const char *c_interface(struct arena *arena, const struct idl_contract *contract)
{
        ASSERT(arena != NULL && contract != NULL);
        char *name = arena_text(arena, contract->name, strlen(contract->name));

        for (char *at = name; *at != '\0'; at++)
                *at = isalnum((unsigned char)*at) ? (char)tolower((unsigned char)*at) : '_';
        return name;
}

const char *c_snake(struct arena *arena, const char *name)
{
        ASSERT(arena != NULL && name != NULL);
        char *snake = arena_alloc(arena, 2 * strlen(name) + 1);
        char *to = snake;

        for (const char *at = name; *at != '\0'; at++) {
                bool upper = isupper((unsigned char)*at);
                bool begins = at > name && upper && at[-1] != '_' &&
                              (!isupper((unsigned char)at[-1]) || islower((unsigned char)at[1]));
                if (begins)
                        *to++ = '_';
                *to++ = (char)tolower((unsigned char)*at);
        }
        return snake;
}

const char *c_upper(struct arena *arena, const char *name)
{
        ASSERT(arena != NULL && name != NULL);
        char *upper = arena_text(arena, name, strlen(name));

        for (char *at = upper; *at != '\0'; at++)
                *at = (char)toupper((unsigned char)*at);
        return upper;
}

bool c_wanted(const struct idl_contract *contract)
{
        ASSERT(contract != NULL);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                if (m->what != IDL_ERROR)
                        return true;
        return false;
}

const char *c_unit_name(struct arena *arena, const struct idl_contract *contract, const char *owner, const char *field,
                        const struct idl_type *type)
{
        ASSERT(arena != NULL && contract != NULL && owner != NULL && field != NULL && type != NULL);
        if (type->kind == IDL_NAMED)
                return arena_printf(arena, "%s_%s", c_interface(arena, contract), c_snake(arena, type->name));
        return arena_printf(arena, "%s_%s", owner, c_snake(arena, field));
}

struct gathering {
        struct arena *arena;
        const struct idl_contract *contract;
        struct c_unit *first, **last;
};

static bool is_gathered(const struct gathering *gathering, const struct idl_type *type)
{
        for (const struct c_unit *u = gathering->first; u != NULL; u = u->next)
                if (u->type == type)
                        return true;
        return false;
}

/* Those that it needs first, then itself. */
static void gather(struct gathering *gathering, struct c_unit unit)
{
        if (is_gathered(gathering, unit.type))
                return;
        for (const struct idl_field *f = unit.type->fields; f != NULL && unit.type->kind == IDL_STRUCT; f = f->next) {
                const struct idl_type *type = f->type;
                while (type->of != NULL)
                        type = type->of;
                const struct idl_type *real = idl_real(type);
                if (real->kind != IDL_STRUCT && real->kind != IDL_ENUM)
                        continue;
                struct c_unit inner = {.type = real, .member = unit.member, .doc = ""};
                inner.name = c_unit_name(gathering->arena, gathering->contract, unit.name, f->name, type);
                if (type->kind == IDL_NAMED) {
                        inner.member = type->target;
                        inner.doc = type->target->said.doc;
                        inner.named = true;
                }
                gather(gathering, inner);
        }
        struct c_unit *kept = arena_alloc(gathering->arena, sizeof(*kept));
        *kept = unit;
        *gathering->last = kept;
        gathering->last = &kept->next;
}

const struct c_unit *c_units(struct arena *arena, const struct idl_contract *contract)
{
        ASSERT(arena != NULL && contract != NULL);
        struct gathering gathering = {.arena = arena, .contract = contract};
        gathering.last = &gathering.first;

        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                const char *name = arena_printf(arena, "%s_%s", c_interface(arena, contract), c_snake(arena, m->name));
                struct c_unit unit = {.name = name, .member = m, .type = m->type, .doc = m->said.doc};
                if (m->what == IDL_TYPE) {
                        unit.named = true;
                        gather(&gathering, unit);
                } else if (m->what == IDL_METHOD) {
                        unit.asks = true;
                        unit.name = arena_printf(arena, "%s_in", name);
                        gather(&gathering, unit);
                        unit.asks = false;
                        unit.answers = true;
                        unit.type = m->reply;
                        unit.doc = "";
                        unit.name = arena_printf(arena, "%s_out", name);
                        gather(&gathering, unit);
                }
        }
        return gathering.first;
}

void c_comment(FILE *out, const char *indent, const char *text)
{
        ASSERT(out != NULL && indent != NULL && text != NULL);
        if (*text == '\0')
                return;
        fprintf(out, "%s/* ", indent);
        for (const char *at = text; *at != '\0'; at++) {
                if (*at == '\n')
                        fprintf(out, "\n%s * ", indent);
                else if ((*at == '*' && at[1] == '/') || (*at == '/' && at[1] == '*'))
                        fprintf(out, "%c ", *at);
                else
                        fputc(*at, out);
        }
        fprintf(out, " */\n");
}

void c_escape(FILE *out, const char *text, size_t length)
{
        ASSERT(out != NULL && text != NULL);
        for (size_t i = 0; i < length; i++) {
                if (text[i] == '\\' || text[i] == '"')
                        fputc('\\', out);
                fputc(text[i], out);
        }
}
