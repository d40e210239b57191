/* How long is kept who did what in SMB shares: Samba's unit has a journal of its own, whose rules these are.
 * Rights: the shares clerk; reads the hand's file, plans, its hand acts. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * 1000 * 1000)
enum { DAYS = 90, MOST_MIB = 1024 };

static int64_t number_of(const char *text, const char *key, int64_t otherwise)
{
        const char *at = text ? strstr(text, key) : NULL;
        const long long value = at ? strtoll(at + strlen(key), NULL, 10) : 0;
        return value > 0 && value <= AUDIT_RULE_MAX ? value : otherwise;
}

struct audit_rules audit_rules_read(const char *text)
{
        return (struct audit_rules){.days = number_of(text, "\nMaxRetentionSec=", DAYS),
                                    .most = number_of(text, "\nSystemMaxUse=", MOST_MIB)};
}

const char *audit_rules_text(const struct audit_rules *rules, struct arena *arena)
{
        ASSERT(rules && arena);
        /* A file goes when its last line is too old, but not the one that is written to: there is one for all who sign
         * in, with the lines of a day at most. */
        return arena_printf(arena,
                            "[Journal]\nSplitMode=none\nMaxRetentionSec=%" PRId64
                            "day\nMaxFileSec=1day\nSystemMaxUse=%" PRId64 "M\n",
                            rules->days, rules->most);
}

struct audit_rules audit_rules(struct arena *arena)
{
        return audit_rules_read(service_file("audit.conf", arena));
}

bool audit_is_kept(const struct audit_rules *rules, int64_t at_us, int64_t now_us)
{
        ASSERT(rules);
        return now_us - at_us <= rules->days * DAY_US;
}

int audit_plan_keep(struct plan *plan, const struct audit_rules *rules, struct failure *failure)
{
        ASSERT(plan && rules && failure);
        const char *days = arena_printf(plan->arena, "%" PRId64, rules->days),
                   *most = arena_printf(plan->arena, "%" PRId64, rules->most);
        if (plan_step(plan, failure, SHARES_AUDIT_KEEP, days, most, NULL) != 0)
                return -1;
        /* Else it reads them when Samba starts. */
        return service_runs("smb") ? plan_step(plan, failure, SHARES_AUDIT_FOLLOW, NULL) : 0;
}
