/* bulkhead-migrate: brings the schema up to date. bulkhead-migrate CONNINFO DIRECTORY [GRANTS]
 * Rights: run at installation and upgrade by the Unix user postgres; no daemon. */
#include "db/migrate.h"
#include "base/crypto.h"
#include "base/log.h"

#include <stdio.h>

static void told(const char *name)
{
        printf("applied %s\n", name);
}

int main(int argc, char **argv)
{
        struct failure failure = {.code = FAILURE_NONE};

        log_open("bulkhead-migrate");
        if (argc < 3 || argc > 4) {
                fprintf(stderr, "usage: bulkhead-migrate CONNINFO DIRECTORY [GRANTS]\n");
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
