/* What this machine can and cannot do, with the reason, before somebody finds out by trying.
 * Rights: the monitor's clerk; reads at start what systemd passes to its unit. */
#include "daemons/monitor/clerk/monitor.h"
#include "nas_monitor.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/ability.h"

#include <stdlib.h>
#include <string.h>

enum { ABILITIES_MAX = 32 };

/* Found at start; it cannot change while the system runs, but for a module that is loaded. */
static struct {
        struct ability abilities[ABILITIES_MAX];
        char container[32];
} found;

int abilities_prepare(void)
{
        struct facts facts CLEANUP(facts_free) = {0};
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");

        ASSERT(abilities_count() <= ABILITIES_MAX);
        facts_read(&facts, credentials != NULL ? credentials : "/nonexistent");
        abilities_judge(&facts, found.abilities);
        const char *kind = facts.texts[FACT_CONTAINER];
        for (size_t i = 0; kind != NULL && i < sizeof(found.container) - 1 && kind[i] > ' ' && kind[i] < 127; i++)
                found.container[i] = kind[i];
        return 0;
}

void nas_monitor_list_abilities(struct call *call, const struct nas_monitor_list_abilities_in *in)
{
        static const enum nas_monitor_can can[] = {[ABILITY_NO] = NAS_MONITOR_CAN_NO,
                                                   [ABILITY_YES] = NAS_MONITOR_CAN_YES,
                                                   [ABILITY_UNKNOWN] = NAS_MONITOR_CAN_UNKNOWN};
        struct nas_monitor_ability abilities[ABILITIES_MAX] = {0};

        (void)in;
        for (size_t i = 0; i < abilities_count(); i++) {
                const struct ability *ability = &found.abilities[i];
                abilities[i] = (struct nas_monitor_ability){
                        .name = ability->name,
                        .title = ability->title,
                        .can = can[ability->state],
                        .reason = *ability->reason != '\0' ? ability->reason : NULL,
                        .next = ability->next,
                };
        }
        nas_monitor_list_abilities_reply(call, &(struct nas_monitor_list_abilities_out){
                                                       .container = *found.container != '\0' ? found.container : NULL,
                                                       .abilities = abilities,
                                                       .abilities_count = abilities_count()});
}
