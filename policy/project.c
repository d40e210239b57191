/* policy-print: prints what follows from the policies, so that it is said once: the units with their sandbox, the SQL
 * grants, the tables of docs/security.md, the network surface.
 * Rights: a host program; runs when building, never on the appliance. */
#include "policy/project/project.h"

#include "base/mem.h"

#include <stdbool.h>
#include <string.h>

static const struct section {
        const char *name;
        void (*print)(FILE *out);
} sections[] = {
        {"grants", print_grants},         {"processes", print_processes}, {"paths", print_paths},
        {"privileges", print_privileges}, {"syscalls", print_syscalls},   {"operations", print_operations},
};

static const struct section *section_find(const char *name, size_t length)
{
        for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
                if (strlen(sections[i].name) == length && strncmp(sections[i].name, name, length) == 0)
                        return &sections[i];
        return NULL;
}

/* Copies a page from stdin; what lies between "<!-- policy: SECTION -->" and "<!-- end -->" is printed anew. */
static int print_page(void)
{
        static const char begin[] = "<!-- policy: ", end[] = "<!-- end -->\n";
        char line[4096];
        bool copying = true;
        while (fgets(line, sizeof(line), stdin) != NULL) {
                if (strcmp(line, end) == 0)
                        copying = true;
                if (copying)
                        fputs(line, stdout);
                if (strncmp(line, begin, strlen(begin)) != 0)
                        continue;
                const char *name = line + strlen(begin);
                const struct section *section = section_find(name, strcspn(name, " "));
                if (section == NULL) {
                        fprintf(stderr, "policy-print: no such section: %s", line);
                        return 1;
                }
                section->print(stdout);
                copying = false;
        }
        return 0;
}

static int print_table(void)
{
        for (size_t i = 1; i < ARRAY_SIZE(sections); i++) {
                sections[i].print(stdout);
                putchar('\n');
        }
        return 0;
}

int main(int argc, char **argv)
{
        const struct section *section = argc == 2 ? section_find(argv[1], strlen(argv[1])) : NULL;
        if (argc == 3 && strcmp(argv[1], "units") == 0)
                return print_units(argv[2]) < 0;
        if (argc > 2 && strcmp(argv[1], "surface") == 0)
                return print_surface(stdout, argv + 2) < 0;
        if (argc == 2 && strcmp(argv[1], "page") == 0)
                return print_page();
        if (argc == 2 && strcmp(argv[1], "table") == 0)
                return print_table();
        if (section != NULL) {
                section->print(stdout);
                return 0;
        }
        fprintf(stderr, "usage: policy-print units DIR | surface CONTRACT... | table | page <PAGE |\n"
                        "       grants | processes | paths | privileges | syscalls | operations\n");
        return 2;
}
