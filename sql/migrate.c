/* bulkhead-migrate: brings the schema up to date. bulkhead-migrate CONNINFO DIRECTORY [GRANTS]
 * Or looks whether it is, and changes nothing:    bulkhead-migrate --check CONNINFO DIRECTORY GRANTS
 * Rights: run at installation and upgrade, and by the doctor, by the Unix user postgres; no daemon. */
#include "db/migrate.h"
#include "base/crypto.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

static void told(const char *name)
{
        printf("applied %s\n", name);
}

enum { EXIT_UNREACHABLE = 3 };

static int check(char **argv)
{
        struct failure failure = {.code = FAILURE_NONE};

        if (migrate_check(argv[0], argv[1], argv[2], &failure) == 0)
                return 0;
        fprintf(stderr, "%s %s\n", failure.message, failure.next);
        return failure.code == FAILURE_UNAVAILABLE ? EXIT_UNREACHABLE : 1;
}

int main(int argc, char **argv)
{
        struct failure failure = {.code = FAILURE_NONE};

        log_open("bulkhead-migrate");
        if (argc == 5 && strcmp(argv[1], "--check") == 0) {
                crypto_start();
                return check(argv + 2);
        }
        if (argc < 3 || argc > 4) {
                fprintf(stderr, "usage: bulkhead-migrate CONNINFO DIRECTORY [GRANTS]\n"
                                "       bulkhead-migrate --check CONNINFO DIRECTORY GRANTS\n");
                return 2;
        }
        crypto_start();
        int result = migrate_run(argv[1], argv[2], argc == 4 ? argv[3] : NULL, told, &failure);
        if (result < 0) {
                log_fail("%s %s", failure.message, failure.next);
                return 1;
        }
        if (result == MIGRATE_NEWER)
                log_warn("the database is of a newer version than this one; it stays as it is");
        return 0;
}
