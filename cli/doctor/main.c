/* bulkhead doctor. A program of its own, because it needs what the command line does not: certificates, other programs,
 * and root's eyes.
 * Rights: root's, on the console; reads everything, starts the checkers of other programs, changes nothing. */
#include "base/crypto.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };

static const char usage[] = "usage: bulkhead doctor [--all] [--json] [CHECK...]\n\n"
                            "Looks at everything Bulkhead needs and says what is wrong and what to do. Works when "
                            "everything else is down.\n"
                            "Ends with 0 when nothing is wrong, with 1 when something is.\n\n"
                            "  --all   show also what is good\n"
                            "  --json  show everything as JSON\n\nChecks:\n";

static int help(FILE *out)
{
        fputs(usage, out);
        for (const struct check *check = checks; check->name != NULL; check++)
                fprintf(out, "  %-12s %s\n", check->name, check->says);
        return out == stdout ? 0 : EXIT_USAGE;
}

static bool wanted(const struct check *check, char *const *names, int count)
{
        for (int i = 0; i < count; i++)
                if (strcmp(names[i], check->name) == 0)
                        return true;
        return count == 0;
}

static bool is_check(const char *name)
{
        for (const struct check *check = checks; check->name != NULL; check++)
                if (strcmp(check->name, name) == 0)
                        return true;
        return false;
}

int main(int argc, char **argv)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct doctor doctor = {.arena = arena, .root = ""};
        bool all = false, json = false;
        int first = 1;
        for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
                if (strcmp(argv[first], "--all") == 0)
                        all = true;
                else if (strcmp(argv[first], "--json") == 0)
                        json = true;
                else
                        return help(strcmp(argv[first], "--help") == 0 ? stdout : stderr);
        }
        for (int i = first; i < argc; i++)
                if (!is_check(argv[i]))
                        return help(stderr);
        if (geteuid() != 0) {
                fputs("bulkhead: only root can see all that the doctor looks at\n", stderr);
                return EXIT_USAGE;
        }
        crypto_start();
        for (const struct check *check = checks; check->name != NULL; check++) {
                doctor.check = check->name;
                if (wanted(check, argv + first, argc - first))
                        check->look(&doctor);
        }
        if (json)
                report_json(stdout, &doctor);
        else
                report_text(stdout, &doctor, all, isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL);
        return found_count(&doctor, FOUND_BAD) + found_count(&doctor, FOUND_UNKNOWN) > 0 ? EXIT_WRONG : 0;
}
