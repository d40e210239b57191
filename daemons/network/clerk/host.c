/* What the machine is called, its time zone, and whether its network works. bulkhead-host.service writes it down, for
 * the clerk has no network of its own to look at; and it does what a person wants and the hand wrote.
 *
 * Rights: the network clerk; memory only. */
#include "daemons/network/clerk/network.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <string.h>

/* --- what is known --- */

static bool is_yes(const char *text)
{
        return strcmp(text, "yes") == 0;
}

static const char *sentence(const char *word)
{
        static const struct {
                const char *word, *says;
        } known[] = {{"name", "The system does not take this name."},
                     {"zone", "The system does not know this time zone."},
                     {"front", "The front end does not know the new name yet."}};
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strcmp(known[i].word, word) == 0)
                        return known[i].says;
        return "";
}

static void take_addresses(struct host *host, char *text)
{
        for (char *one; (one = strsep(&text, " "));)
                if (host->address_count < ARRAY_SIZE(host->addresses) &&
                    value_check(&value_address, "addresses", one, strlen(one), NULL) == 0)
                        host->addresses[host->address_count++] = one;
}

bool host_read(char *text, struct host *ret_host)
{
        ASSERT(text && ret_host);
        struct host host = {.name = "", .zone = "", .message = ""};
        for (char *line; (line = strsep(&text, "\n"));) {
                char *value = strchr(line, '=');
                if (!value)
                        continue;
                *value++ = '\0';
                if (strcmp(line, "name") == 0)
                        host.name = value;
                else if (strcmp(line, "zone") == 0)
                        host.zone = value;
                else if (strcmp(line, "clock") == 0)
                        host.clock_right = is_yes(value);
                else if (strcmp(line, "route") == 0)
                        host.route = is_yes(value);
                else if (strcmp(line, "addresses") == 0)
                        take_addresses(&host, value);
                else if (strcmp(line, "wrong") == 0)
                        host.message = sentence(value);
        }
        if (value_check(&value_machine_name, "name", host.name, strlen(host.name), NULL) != 0 ||
            value_check(&value_time_zone, "time_zone", host.zone, strlen(host.zone), NULL) != 0)
                return false;
        host.known = true;
        *ret_host = host;
        return true;
}

void host_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        const struct host *host = host_now();
        struct nas_network_get_machine_out reply = {.has_machine = host->known};
        if (host->known)
                reply.machine = (struct nas_network_machine){.name = host->name,
                                                             .time_zone = host->zone,
                                                             .clock_right = host->clock_right,
                                                             .addresses = host->addresses,
                                                             .addresses_count = host->address_count,
                                                             .route = host->route,
                                                             .message = *host->message ? host->message : NULL};
        nas_network_get_machine_out_write(out, &reply);
}

void nas_network_get_machine(struct call *call, const struct nas_network_get_machine_in *in)
{
        (void)in;
        topic_serve(topics.host, call);
}

/* --- changing it --- */

/* What is left out is in no step: what somebody else sets in the same moment stays. */
static int plan_set(struct change *change, const struct nas_network_set_machine_in *in, struct failure *failure)
{
        if (!in->name && !in->time_zone)
                return failure_set(failure, FAILURE_INVALID, "name", "Give a name or a time zone.", "is missing");
        if (in->name && plan_step(change->plan, failure, NETWORK_MACHINE_NAME, in->name, NULL) != 0)
                return -1;
        return in->time_zone ? plan_step(change->plan, failure, NETWORK_MACHINE_ZONE, in->time_zone, NULL) : 0;
}

void nas_network_set_machine(struct call *call, const struct nas_network_set_machine_in *in)
{
        struct failure failure = {0};
        struct change *change = change_new(clerk.changes);
        change->object = "machine";
        change->who = in->name ? "everybody who reaches this machine by its name" : "nobody";
        network_run(call, change, plan_set(change, in, &failure), &failure);
}
