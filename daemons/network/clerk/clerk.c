/* The network clerk as its skeleton sees it: what it serves and when its parts are told.
 * Rights: policy/network_clerk.c. */
#include "daemons/network/clerk/network.h"

#include "policy/policies.h"

struct topics topics;

static void changed(void)
{
        topic_changed(topics.certificate);
        topic_changed(topics.host);
        acme_look();
}

static void each_second(void)
{
        certificate_tick();
        acme_look();
}

static void start(void)
{
        topics = (struct topics){.certificate = topic_new("certificate", certificate_write, NULL),
                                 .host = topic_new("machine", host_write, NULL)};
        live_watch(changed);
}

void network_run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        if (result == 0) {
                change_run(clerk.changes, call, change);
                return;
        }
        changes_refuse(clerk.changes, call, failure);
        change_free(change);
}

static const struct wire_interface *const interfaces[] = {&nas_network_interface, NULL};

static void acted(const struct plan *plan, loop_tick *done, void *context)
{
        (void)plan;
        live_reload();
        done(context);
}

struct clerk network_clerk(void)
{
        return (struct clerk){.policy = &policy_network_clerk,
                              .interfaces = interfaces,
                              .operations = &network_operations,
                              .chain = "network",
                              .statements = network_statements,
                              .statement_count = network_statement_count,
                              .settle = network_settle,
                              .acted = acted,
                              .prepare = live_prepare,
                              .start = start,
                              .each_second = each_second};
}
