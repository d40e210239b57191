/* The rules of this project beyond the Varlink grammar: each contract by itself, then all together.
 * Rights: as the parser; reads its tree, nothing else. */
#include "ipc/compiler/check.h"

#include "base/log.h"

#include <string.h>

/* nas.users is in nas.users.varlink. */
static void check_file_name(const struct idl_contract *contract, struct faults *faults)
{
        const char *slash = strrchr(contract->file_name, '/');
        const char *base = slash != NULL ? slash + 1 : contract->file_name;
        size_t length = strlen(contract->name);

        if (strncmp(base, contract->name, length) != 0 || strcmp(base + length, ".varlink") != 0)
                fault(faults, contract->place, "the interface \"%s\" in this file, expected it in %s.varlink",
                      contract->name, contract->name);
}

/* Two routes are one when only the names of their parameters differ. */
static bool is_same_path(const char *a, const char *b)
{
        while (*a != '\0' && *a == *b) {
                if (*a == '{') {
                        a += strcspn(a, "}");
                        b += strcspn(b, "}");
                        if (*a == '\0' || *b == '\0')
                                break;
                }
                a++;
                b++;
        }
        return *a == *b;
}

static bool is_same(enum idl_annotation annotation, const struct idl_note *a, const struct idl_note *b)
{
        if (strcmp(a->words[0], b->words[0]) != 0)
                return false;
        return annotation == IDL_HTTP ? is_same_path(a->words[1], b->words[1]) : strcmp(a->words[1], b->words[1]) == 0;
}

/* The members before this one, in its contract and those before. */
static void check_only_one(const struct idl_contract *const *contracts, size_t here, const struct idl_member *member,
                           enum idl_annotation annotation, struct faults *faults)
{
        const struct idl_note *note = member->said.notes[annotation];

        for (size_t i = 0; note != NULL && i <= here; i++) {
                for (const struct idl_member *m = contracts[i]->members; m != NULL && m != member; m = m->next) {
                        const struct idl_note *other = m->said.notes[annotation];
                        if (other != NULL && is_same(annotation, note, other))
                                fault(faults, note->place, "\"%s %s\" belongs to %s.%s already, expected another %s",
                                      note->words[0], note->words[1], contracts[i]->name, m->name,
                                      annotation == IDL_HTTP ? "route" : "command");
                }
        }
}

int idl_check(const struct idl_contract *const *contracts, size_t count, char message[256])
{
        ASSERT(contracts != NULL && message != NULL);
        for (size_t i = 0; i < count; i++) {
                struct faults faults = {.file_name = contracts[i]->file_name, .message = message};
                check_file_name(contracts[i], &faults);
                for (size_t j = 0; j < i; j++)
                        if (strcmp(contracts[i]->name, contracts[j]->name) == 0)
                                fault(&faults, contracts[i]->place, "\"%s\" is in %s already, expected it once",
                                      contracts[i]->name, contracts[j]->file_name);
                check_fields(contracts[i], &faults);
                check_methods(contracts[i], &faults);
                for (const struct idl_member *m = contracts[i]->members; m != NULL; m = m->next) {
                        check_only_one(contracts, i, m, IDL_HTTP, &faults);
                        check_only_one(contracts, i, m, IDL_COMMAND, &faults);
                        check_also(contracts, count, m, &faults);
                }
                if (faults.any)
                        return -1;
        }
        return check_c_names(contracts, count, message);
}
