/* The fake machine: in place of what live.c and acme_live.c read, changed as the operations say.
 * Rights: none. */
#include "tests/unit/network_clerk/machine.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_machine fake_machine;
static struct {
        bool there[PLACE_COUNT];
        struct tls_facts facts[PLACE_COUNT];
        char names[32][254], directory[257], email[255], name[64], zone[96];
        void (*changed)(void);
} machine;

static void tell(void)
{
        if (machine.changed)
                machine.changed();
}

static void put(enum place place, const char *chain)
{
        machine.there[place] =
                chain && certificate_read(chain, strlen(chain), "chain", &machine.facts[place], NULL) == 0;
        ASSERT(machine.there[place] || !chain);
}

void fake_machine_put(enum place place, const char *chain)
{
        put(place, chain);
        if (place == PLACE_FETCHED)
                fake_machine.acme.fetched_us = clock_real_us();
        tell();
}

void fake_machine_clear(void)
{
        certificate_start();
        memset(machine.there, 0, sizeof(machine.there));
        fake_machine = (struct fake_machine){.acme = {.message = ""}, .host = {.message = ""}};
        tell();
}

/* --- as the clerk reads it --- */

int live_prepare(void)
{
        return 0;
}

int live_watch_path(const char *path, uint32_t mask)
{
        (void)path;
        (void)mask;
        return 0;
}

void live_watch(void (*changed)(void))
{
        machine.changed = changed;
}

void live_reload(void)
{
        tell();
}

const struct tls_facts *live_facts(enum place place)
{
        return machine.there[place] ? &machine.facts[place] : NULL;
}

const struct acme *acme_now(void)
{
        return &fake_machine.acme;
}

const struct host *host_now(void)
{
        return &fake_machine.host;
}

/* --- what steps bring about --- */

static const char *keep(char *target, size_t size, const char *text)
{
        snprintf(target, size, "%s", text);
        return target;
}

static void configure(const struct action *step)
{
        struct acme *acme = &fake_machine.acme;
        acme->enrolled = true;
        acme->settled_us = clock_real_us();
        acme->directory = keep(machine.directory, sizeof(machine.directory), step->values[0].text);
        acme->email = keep(machine.email, sizeof(machine.email), step->values[1].text);
        acme->name_count = step->count - 3u;
        for (size_t i = 0; i < acme->name_count; i++)
                acme->names[i] = keep(machine.names[i], sizeof(machine.names[i]), step->values[3 + i].text);
}

static void do_step(const struct action *step)
{
        const char *identity = step->count > 1 ? step->values[1].text : "";
        switch (step->operation) {
        case NETWORK_CERTIFICATE_PUT:
                put(PLACE_INSTALLED, strstr(identity, "-----BEGIN CERTIFICATE"));
                break;
        case NETWORK_CERTIFICATE_DROP:
                put(PLACE_INSTALLED, NULL);
                break;
        case NETWORK_ACME_CONFIGURE:
                configure(step);
                break;
        case NETWORK_ACME_STOP:
                fake_machine.acme.enrolled = false;
                break;
        case NETWORK_ACME_ORDER:
        case NETWORK_ACME_DUE:
                fake_machine.acme.ordered_us = clock_real_us();
                break;
        case NETWORK_ACME_TAKE:
                machine.facts[PLACE_INSTALLED] = machine.facts[PLACE_FETCHED];
                machine.there[PLACE_INSTALLED] = true;
                break;
        case NETWORK_MACHINE_NAME:
                fake_machine.host.name = keep(machine.name, sizeof(machine.name), step->values[0].text);
                break;
        case NETWORK_MACHINE_ZONE:
                fake_machine.host.zone = keep(machine.zone, sizeof(machine.zone), step->values[0].text);
                break;
        default:
                break;
        }
}

static void act(const struct plan *plan)
{
        for (size_t i = 0; i < plan->count; i++)
                do_step(&plan->steps[i]);
}

static void answer(const struct action *action, struct writer *writer)
{
        (void)writer;
        if (action->operation != NETWORK_ACME_DUE && action->operation != NETWORK_ACME_TAKE)
                return;
        fake_machine.ordered += action->operation == NETWORK_ACME_DUE;
        fake_machine.taken += action->operation == NETWORK_ACME_TAKE;
        if (fake_hand.mode == FAKE_OBEYS)
                do_step(action);
}

const struct fake_clerk fake_clerk = {.description = network_clerk,
                                      .role = "bulkhead-network",
                                      .interface = "nas.network.",
                                      .act = act,
                                      .answer = answer};
