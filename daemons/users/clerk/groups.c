/* Groups that Bulkhead keeps, and who is in them.
 * Rights: the users clerk; works on what is in memory. */
#include "daemons/users/clerk/users.h"

#include "base/mem.h"

static struct nas_users_group group_out(const struct group_entry *group)
{
        return (struct nas_users_group){
                .id = group->gid, .name = group->name, .members = group->members, .members_count = group->member_count};
}

static void write_list(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct accounts *accounts = accounts_now();
        struct nas_users_group *groups = arena_array(arena, accounts->group_count, sizeof(*groups));
        for (size_t i = 0; i < accounts->group_count; i++)
                groups[i] = group_out(&accounts->groups[i]);
        struct nas_users_list_groups_out reply = {.groups = groups, .groups_count = accounts->group_count};
        nas_users_list_groups_out_write(out, &reply);
}

struct topic *groups_topic(void)
{
        return topic_new("groups", write_list, NULL);
}

void nas_users_list_groups(struct call *call, const struct nas_users_list_groups_in *in)
{
        (void)in;
        topic_serve(topics.groups, call);
}

static const struct group_entry *find_group(const char *name, struct failure *failure)
{
        const struct group_entry *group = group_by_name(accounts_now(), name);
        if (!group)
                failure_set(failure, FAILURE_NOT_FOUND, "name", "List the groups.", "There is no group %s.", name);
        return group;
}

static void answer_group(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        const struct group_entry *group = group_by_name(accounts_now(), context);
        if (group) {
                struct nas_users_create_group_out answer = {.group = group_out(group)};
                nas_users_create_group_out_write(out, &answer);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *group_change(const char *name)
{
        struct change *change = change_new(clerk.changes);
        change->object = arena_printf(change->arena, "group %s", name);
        change->answer = answer_group;
        change->context = (void *)(uintptr_t)change_keep(change, name);
        return change;
}

void nas_users_create_group(struct call *call, const struct nas_users_create_group_in *in)
{
        struct failure failure = {0};
        struct change *change = group_change(in->name);
        struct planner planner = users_planner(change, &failure);
        users_run(call, change, plan_group_create(&planner, in->name), &failure);
}

static const char *members_of(const struct change *change, const struct group_entry *group)
{
        if (group->member_count == 0)
                return "nobody";
        return arena_printf(change->arena, "%zu member%s", group->member_count, group->member_count == 1 ? "" : "s");
}

void nas_users_delete_group(struct call *call, const struct nas_users_delete_group_in *in)
{
        struct failure failure = {0};
        const struct group_entry *group = find_group(in->name, &failure);
        if (!group) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = group_change(in->name);
        struct planner planner = users_planner(change, &failure);
        change->who = members_of(change, group);
        change->answer = NULL;
        users_run(call, change, plan_group_delete(&planner, group), &failure);
}

typedef int membership_plan(struct planner *planner, const struct account *account, const struct group_entry *group);

static void change_membership(struct call *call, const char *name, const char *username, membership_plan *decide)
{
        struct failure failure = {0};
        const struct group_entry *group = find_group(name, &failure);
        const struct account *account = group ? find_user(username, &failure) : NULL;
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = group_change(name);
        struct planner planner = users_planner(change, &failure);
        change->who = change_keep(change, username);
        users_run(call, change, decide(&planner, account, group), &failure);
}

void nas_users_add_member(struct call *call, const struct nas_users_add_member_in *in)
{
        change_membership(call, in->name, in->username, plan_group_join);
}

void nas_users_remove_member(struct call *call, const struct nas_users_remove_member_in *in)
{
        change_membership(call, in->name, in->username, plan_group_leave);
}
