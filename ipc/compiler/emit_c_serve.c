/* The serving side of one contract in C: parameters read, handler called, answers written, the method table and the
 * description.
 * Rights: the compiler on the build machine; writes to a stream in memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void write_method(FILE *out, const char *name)
{
        fprintf(out,
                "static void %s_serve(struct call *call)\n{\n        struct %s_in in;\n        struct failure "
                "failure;\n\n",
                name, name);
        fprintf(out, "        if (%s_in_read(call_parameters(call), call_arena(call), &in, &failure) < 0)\n", name);
        fprintf(out,
                "                call_misread(call, &failure);\n        else\n                %s(call, &in);\n}\n\n",
                name);
        fprintf(out, "void %s_reply(struct call *call, const struct %s_out *out)\n{\n", name, name);
        fprintf(out, "        struct json_out *json CLEANUP(json_out_freep) = json_out_new();\n\n");
        fprintf(out, "        %s_out_write(json, out);\n        call_reply(call, json);\n}\n\n", name);
}

static void write_flags(FILE *out, const struct idl_said *said)
{
        static const struct {
                enum idl_annotation annotation;
                const char *flag;
        } flags[] = {
                {IDL_PLAN, "METHOD_CHANGES"},      {IDL_WARRANT, "METHOD_WARRANT"},   {IDL_MORE, "METHOD_MORE"},
                {IDL_JOB, "METHOD_JOB"},           {IDL_DESTROYS, "METHOD_DESTROYS"}, {IDL_ONEWAY, "METHOD_ONEWAY"},
                {IDL_PROGRESS, "METHOD_PROGRESS"},
        };
        const char *between = "";

        for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
                const struct idl_note *note = said->notes[flags[i].annotation];
                if (note == NULL || (flags[i].annotation == IDL_WARRANT && note->count > 0))
                        continue; /* @warrant sometimes: the plan decides */
                fprintf(out, "%s%s", between, flags[i].flag);
                between = " | ";
        }
        if (*between == '\0')
                fprintf(out, "0");
}

static void write_description(FILE *out, const struct idl_contract *contract)
{
        char *text = NULL;
        size_t length = 0;
        FILE *memory = open_memstream(&text, &length);

        ASSERT(memory != NULL);
        emit_description(memory, contract);
        fclose(memory);
        fprintf(out, "static const char description[] =");
        for (const char *at = text; *at != '\0';) {
                size_t line = strcspn(at, "\n");
                fprintf(out, "\n        \"");
                c_escape(out, at, line);
                fprintf(out, "\\n\"");
                at += line + (at[line] == '\n');
        }
        fprintf(out, ";\n\n");
        free(text);
}

static const char *path_of(const struct idl_member *method, const char *verb)
{
        const struct idl_note *http = method->what == IDL_METHOD ? method->said.notes[IDL_HTTP] : NULL;

        return http != NULL && (verb == NULL || strcmp(http->words[0], verb) == 0) ? http->words[1] : NULL;
}

/* For a method that changes something: which one reads what stands at the same address. Its place in the table; -1. */
static int reader_of(const struct idl_contract *contract, const struct idl_member *method)
{
        const char *path = method->said.notes[IDL_PLAN] != NULL ? path_of(method, NULL) : NULL;
        int place = 0;

        for (const struct idl_member *m = contract->members; m != NULL && path != NULL; m = m->next) {
                const char *other = path_of(m, "GET");
                if (other != NULL && strcmp(other, path) == 0)
                        return place;
                place += m->what == IDL_METHOD;
        }
        return -1;
}

static void write_reader(FILE *out, const struct idl_contract *contract, const struct idl_member *method)
{
        int place = reader_of(contract, method);
        size_t length;

        if (place < 0) {
                fprintf(out, "NULL, NULL");
                return;
        }
        fprintf(out, "&methods[%d], (const char *const[]){", place);
        const char *at = path_of(method, NULL);
        for (const char *name = idl_path_param(&at, &length); name != NULL; name = idl_path_param(&at, &length))
                fprintf(out, "\"%.*s\", ", (int)length, name);
        fprintf(out, "NULL}");
}

void emit_c_serve(FILE *out, struct arena *arena, const struct idl_contract *contract)
{
        ASSERT(out != NULL && arena != NULL && contract != NULL);
        const char *interface = c_interface(arena, contract);

        fprintf(out, "/* Made by ipc-compiler from the contract %s; do not edit.\n", contract->name);
        fprintf(out, " * Rights: the clerk that serves it; works on memory only, nothing else. */\n");
        fprintf(out, "#include \"%s.h\"\n\n#include \"base/mem.h\"\n#include \"wire/wire.h\"\n\n", interface);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                if (m->what == IDL_METHOD)
                        write_method(out, arena_printf(arena, "%s_%s", interface, c_snake(arena, m->name)));
        fprintf(out, "static const struct wire_method methods[] = {\n");
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                if (m->what != IDL_METHOD)
                        continue;
                fprintf(out, "        {\"%s\", ROLE_%s, ", m->name,
                        c_upper(arena, role_name(m->said.notes[IDL_ROLE]->role)));
                write_flags(out, &m->said);
                fprintf(out, ", %s_%s_serve, ", interface, c_snake(arena, m->name));
                write_reader(out, contract, m);
                fprintf(out, "},\n");
        }
        fprintf(out, "        {NULL, ROLE_ADMIN, 0, NULL, NULL, NULL},\n};\n\n");
        write_description(out, contract);
        fprintf(out, "const struct wire_interface %s_interface = {\"%s\", description, methods};\n", interface,
                contract->name);
}
