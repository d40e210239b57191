/* The whole network surface on one page: every method with a route, who may call it and what it takes in.
 * Rights: part of policy-print, a host program; reads the contracts named. */
#include "policy/project/project.h"

#include "base/mem.h"
#include "ipc/compiler/idl.h"

#include <errno.h>
#include <string.h>

static const struct idl_contract *contract_load(struct arena *arena, const char *path)
{
        char message[256];
        FILE *file = fopen(path, "re");
        if (file == NULL) {
                fprintf(stderr, "policy-print: %s: %s\n", path, strerror(errno));
                return NULL;
        }
        char *text = arena_alloc(arena, IDL_BYTES_MAX + 1);
        size_t length = fread(text, 1, IDL_BYTES_MAX + 1, file);
        fclose(file);
        const struct idl_contract *contract = idl_parse(arena, path, text, length, message);
        if (contract == NULL)
                fprintf(stderr, "policy-print: %s\n", message);
        return contract;
}

static const char *needs(const struct idl_said *said)
{
        const struct idl_note *warrant = said->notes[IDL_WARRANT];
        if (warrant == NULL)
                return said->notes[IDL_PLAN] != NULL ? "plan" : "";
        return warrant->count > 0 ? "plan, sometimes a warrant" : "plan, warrant";
}

/* "username ?password(secret)": a ? may be left out. */
static void print_fields(FILE *out, const struct idl_type *type)
{
        for (const struct idl_field *field = type->fields; field != NULL; field = field->next)
                fprintf(out, "%s%s%s%s", field == type->fields ? "" : " ", field->type->optional ? "?" : "",
                        field->name, field->said.notes[IDL_SECRET] != NULL ? "(secret)" : "");
}

static void print_method(FILE *out, const struct idl_contract *contract, const struct idl_member *method)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];
        fprintf(out, "| %s | `%s` | %s | %s | %s.%s | ", http->words[0], http->words[1],
                role_name(method->said.notes[IDL_ROLE]->role), needs(&method->said), contract->name, method->name);
        print_fields(out, method->type);
        fputs(" |\n", out);
}

int print_surface(FILE *out, char *const *contracts)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct idl_contract *loaded[64];
        size_t count = 0, open = 0, closed = 0;
        char message[256];
        for (; *contracts != NULL && count < ARRAY_SIZE(loaded); contracts++, count++)
                if ((loaded[count] = contract_load(arena, *contracts)) == NULL)
                        return -1;
        if (idl_check(loaded, count, message) < 0) {
                fprintf(stderr, "policy-print: %s\n", message);
                return -1;
        }
        fputs("| method | route | least role | needs | serves | takes |\n| --- | --- | --- | --- | --- | --- |\n", out);
        for (size_t i = 0; i < count; i++)
                for (const struct idl_member *m = loaded[i]->members; m != NULL; m = m->next) {
                        if (m->what != IDL_METHOD)
                                continue;
                        if (m->said.notes[IDL_HTTP] != NULL) {
                                print_method(out, loaded[i], m);
                                open++;
                        } else {
                                closed++;
                        }
                }
        fprintf(out, "\n%zu methods can be reached from the network, %zu only on this machine.\n", open, closed);
        return 0;
}
