/* The users clerk as its skeleton sees it: what it serves and when its parts are told.
 * Rights: policy/users_clerk.c. */
#include "daemons/users/clerk/users.h"

#include "policy/policies.h"

struct topics topics;

static int prepare(void)
{
        int error = accounts_prepare();
        if (error == 0)
                error = smb_prepare();
        return error != 0 ? error : ssh_keys_prepare();
}

static void accounts_changed(void)
{
        topic_changed(topics.users);
        topic_changed(topics.groups);
}

static void tables_changed(void)
{
        topic_changed(topics.users);
        topic_changed(topics.sessions);
        topic_changed(topics.keys);
}

static void start(void)
{
        topics = (struct topics){
                .users = users_topic(), .groups = groups_topic(), .sessions = sessions_topic(), .keys = keys_topic()};
        accounts_watch(accounts_changed);
        tables_watch(tables_changed);
        policy_start();
}

static void database(enum db_state state)
{
        if (state != DB_READY)
                return;
        tables_load(NULL, NULL);
        sessions_save();
}

static void settled(loop_tick *done, void *context)
{
        tables_load(done, context);
}

static const struct wire_interface *const interfaces[] = {&nas_users_interface, NULL};

static void acted(const struct plan *plan, loop_tick *done, void *context)
{
        (void)plan;
        accounts_reload();
        smb_reload();
        done(context);
}

struct clerk users_clerk(void)
{
        return (struct clerk){.policy = &policy_users_clerk,
                              .interfaces = interfaces,
                              .operations = &users_operations,
                              .chain = "users",
                              .statements = users_statements,
                              .statement_count = users_statement_count,
                              .settle = users_settle,
                              .acted = acted,
                              .settled = settled,
                              .mirror = users_mirror,
                              .prepare = prepare,
                              .start = start,
                              .each_second = checkpoints_look,
                              .database = database,
                              .stop = checkpoints_stop};
}
