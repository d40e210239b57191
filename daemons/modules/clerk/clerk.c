/* The modules clerk as its skeleton sees it: what it serves and when its parts are told.
 * Rights: policy/modules_clerk.c. */
#include "daemons/modules/clerk/modules.h"

#include "base/mem.h"
#include "policy/policies.h"

struct topics topics;

static int prepare(void)
{
        int error = machine_prepare();
        return error == 0 ? known_prepare() : error;
}

static void start(void)
{
        topics = (struct topics){.list = topic_new("modules", list_write, NULL),
                                 .one = topic_new("module", one_write, NULL)};
        known_watch();
        known_refresh();
}

/* What modules do themselves changes nothing that lies here. */
static void acted(const struct plan *plan, loop_tick *done, void *context)
{
        if (!plan || !plan_lets(plan))
                known_refresh();
        done(context);
}

static void database(enum db_state state)
{
        if (state == DB_READY)
                states_load();
}

static const struct wire_interface *const interfaces[] = {&nas_modules_interface, NULL};

const struct db_statement modules_statements[] = {
        CHANGE_STATEMENTS("modules"),
        {"module_states", "select module, state, (extract(epoch from at) * 1000000)::bigint from modules.state", 0},
        {"module_publish",
         "insert into modules.state (module, state) values ($1, $2) on conflict (module) do update set state = "
         "excluded.state, at = now()",
         2},
};
_Static_assert(ARRAY_SIZE(modules_statements) == MODULES_STATEMENT_END, "one statement a name");

struct clerk modules_clerk(void)
{
        return (struct clerk){.policy = &policy_modules_clerk,
                              .interfaces = interfaces,
                              .more = modules_interfaces,
                              .operations = &modules_operations,
                              .chain = "modules",
                              .statements = modules_statements,
                              .statement_count = MODULES_STATEMENT_END,
                              .settle = states_settle,
                              .acted = acted,
                              .prepare = prepare,
                              .start = start,
                              .database = database,
                              .each_second = states_write};
}
