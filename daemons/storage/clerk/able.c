/* What this machine cannot do of what a request asks for.
 *
 * Rights: the storage clerk; at start it reads what systemd passes of the kernel. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"

#include <stdlib.h>
#include <string.h>

enum { ABILITIES_MAX = 32 };
static struct ability abilities[ABILITIES_MAX]; /* found at start */

int able_prepare(void)
{
        struct facts facts CLEANUP(facts_free) = {0};
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        ASSERT(abilities_count() <= ABILITIES_MAX);
        facts_read(&facts, credentials ? credentials : "/nonexistent");
        abilities_judge(&facts, abilities);
        return 0;
}

const struct ability *unable_to(const char *name)
{
        for (size_t i = 0; i < abilities_count(); i++)
                if (abilities[i].name && abilities[i].state == ABILITY_NO && strcmp(abilities[i].name, name) == 0)
                        return &abilities[i];
        return NULL;
}
