/* Names that would clash in the generated C: with each other, or with words that C has for itself.
 * Rights: as the parser; reads its tree, nothing else. */
#include "ipc/compiler/check.h"

#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <string.h>

struct name {
        struct name *next;
        const char *text;
        const struct idl_member *member;
};

struct names {
        struct arena *arena;
        struct faults *faults;
        struct name *buckets[1024];
};

static void add_name(struct names *names, const struct idl_member *member, const char *text)
{
        unsigned hash = 5381;

        for (const char *at = text; *at != '\0'; at++)
                hash = hash * 33 + (unsigned char)*at;
        struct name **bucket = &names->buckets[hash % ARRAY_SIZE(names->buckets)];
        for (const struct name *n = *bucket; n != NULL; n = n->next)
                if (strcmp(n->text, text) == 0)
                        fault(names->faults, member->place,
                              "\"%s\" would be \"%s\" in C as \"%s\" is, expected another "
                              "name",
                              member->name, text, n->member->name);
        struct name *name = arena_alloc(names->arena, sizeof(*name));
        *name = (struct name){*bucket, text, member};
        *bucket = name;
}

/* Keywords, and macros that the headers we include make of plain words. */
static bool is_taken(const char *name)
{
        static const char *const taken[] = {
                "auto",     "bool",   "break",   "case",   "char",     "const",    "continue", "default", "do",
                "double",   "else",   "enum",    "errno",  "extern",   "false",    "float",    "for",     "goto",
                "if",       "inline", "int",     "linux",  "long",     "register", "restrict", "return",  "short",
                "signed",   "sizeof", "static",  "stderr", "stdin",    "stdout",   "struct",   "switch",  "true",
                "typedef",  "typeof", "union",   "unix",   "unsigned", "void",     "volatile", "while",   "asm",
                "offsetof", "NULL",   "CLEANUP", "TAKE",   "ASSERT",
        };

        for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
                if (strcmp(taken[i], name) == 0)
                        return true;
        return false;
}

/* The members that a field adds beside its own: has_NAME, NAME_count. */
static void check_members(const struct idl_type *list, struct faults *faults)
{
        static const struct {
                const char *before, *after;
        } added[] = {{"has_", ""}, {"", "_count"}};
        char name[IDL_NAME_MAX + 8];

        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                if (is_taken(f->name))
                        fault(faults, f->place, "\"%s\" is a word of C, expected another name", f->name);
                bool text = f->type->kind == IDL_STRING || f->type->kind == IDL_OBJECT;
                for (size_t i = 0; i < ARRAY_SIZE(added); i++) {
                        if (i == 0 ? !f->type->optional || text : f->type->of == NULL)
                                continue;
                        snprintf(name, sizeof(name), "%s%s%s", added[i].before, f->name, added[i].after);
                        const struct idl_field *other = idl_field(list, name);
                        if (other != NULL)
                                fault(faults, other->place, "\"%s\" goes with \"%s\" in C, expected another name", name,
                                      f->name);
                }
        }
}

static void add_unit(struct names *names, const struct c_unit *unit)
{
        static const char *const suffixes[] = {"_word", "_words", "_read", "_write", "_fields", "_shape"};

        add_name(names, unit->member, arena_printf(names->arena, "struct %s", unit->name));
        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
                add_name(names, unit->member, arena_printf(names->arena, "%s%s", unit->name, suffixes[i]));
        for (const struct idl_field *f = unit->type->fields; f != NULL; f = f->next) {
                if (unit->type->kind == IDL_ENUM)
                        add_name(names, unit->member,
                                 c_upper(names->arena, arena_printf(names->arena, "%s_%s", unit->name, f->name)));
                else if (f->type->kind == IDL_MAP)
                        add_name(names, unit->member,
                                 arena_printf(names->arena, "struct %s_%s_entry", unit->name,
                                              c_snake(names->arena, f->name)));
        }
        if (unit->type->kind == IDL_STRUCT)
                check_members(unit->type, names->faults);
}

int check_c_names(const struct idl_contract *const *contracts, size_t count, char message[256])
{
        ASSERT(contracts != NULL && message != NULL);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct names *names = arena_alloc(arena, sizeof(*names));
        struct faults faults = {.message = message};

        *names = (struct names){.arena = arena, .faults = &faults};
        for (size_t i = 0; i < count && !faults.any; i++) {
                const char *interface = c_interface(arena, contracts[i]);
                faults.file_name = contracts[i]->file_name;
                for (const struct idl_member *m = contracts[i]->members; m != NULL; m = m->next) {
                        if (m->what != IDL_METHOD)
                                continue;
                        const char *name = arena_printf(arena, "%s_%s", interface, c_snake(arena, m->name));
                        add_name(names, m, name);
                        add_name(names, m, arena_printf(arena, "%s_reply", name));
                        add_name(names, m, arena_printf(arena, "%s_serve", name));
                        if (strcmp(c_snake(arena, m->name), "interface") == 0)
                                fault(&faults, m->place, "\"%s\" would be \"%s\" in C, expected another name", m->name,
                                      name);
                }
                for (const struct c_unit *u = c_units(arena, contracts[i]); u != NULL; u = u->next)
                        add_unit(names, u);
        }
        return faults.any ? -1 : 0;
}
