/* The SQL grants and the tables of docs/security.md.
 * Rights: part of policy-print, a host program. */
#include "policy/policies.h"
#include "policy/project/project.h"

#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

/* What each connection of a role is like, also one that comes through a relay. */
static const char *const session[][2] = {
        {"statement_timeout", "'10s'"}, {"lock_timeout", "'5s'"},      {"idle_in_transaction_session_timeout", "'15s'"},
        {"synchronous_commit", "on"},   {"search_path", "pg_catalog"}, {"timezone", "'UTC'"},
        {"datestyle", "'ISO'"},         {"intervalstyle", "iso_8601"}, {"bytea_output", "hex"},
};

/* First everything is taken back, so that what a newer policy no longer grants is gone. */
void print_grants(FILE *out)
{
        fputs("-- Made by policy-print from policy/; do not edit. May be run again at any time.\n", out);
        for (size_t i = 0; policies[i] != NULL; i++) {
                const struct process_policy *policy = policies[i];
                if (policy->grants == NULL)
                        continue;
                fprintf(out,
                        "do $$ declare schema text; begin\n"
                        "  for schema in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> "
                        "'information_schema' loop\n"
                        "    execute format('revoke all on schema %%I from \"%s\"', schema);\n"
                        "    execute format('revoke all on all tables in schema %%I from \"%s\"', schema);\n"
                        "    execute format('revoke all on all sequences in schema %%I from \"%s\"', schema);\n"
                        "    execute format('revoke all on all functions in schema %%I from \"%s\"', schema);\n"
                        "  end loop;\nend $$;\n",
                        policy->user, policy->user, policy->user, policy->user);
                for (size_t k = 0; k < sizeof(session) / sizeof(session[0]); k++)
                        fprintf(out, "alter role \"%s\" set %s = %s;\n", policy->user, session[k][0], session[k][1]);
                for (const struct process_grant *grant = policy->grants; grant->rights != NULL; grant++)
                        fprintf(out, "grant %s on %s to \"%s\"; -- %s\n", grant->rights, grant->object, policy->user,
                                grant->why);
        }
}

static const char *kind_name(enum process_kind kind)
{
        static const char *const names[] = {"front", "clerk", "hand"};
        return names[kind];
}

static void print_capability_names(FILE *out, const struct process_policy *policy)
{
        if (policy->capabilities == NULL)
                fputs("none", out);
        for (const struct process_capability *c = policy->capabilities; c != NULL && c->capability >= 0; c++) {
                char *name = cap_to_name(c->capability);
                fprintf(out, "%s%s", c == policy->capabilities ? "" : ", ", name);
                cap_free(name);
        }
}

static unsigned syscall_count(const struct process_policy *policy)
{
        unsigned count = 0;
        for (const struct syscall_group *const *group = policy->syscalls; *group != NULL; group++)
                for (const int *number = (*group)->numbers; *number >= 0; number++)
                        count++;
        return count;
}

void print_processes(FILE *out)
{
        fputs("| process | kind | runs as | capabilities | reached at | by | network | database | system calls |\n"
              "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
              out);
        for (size_t i = 0; policies[i] != NULL; i++) {
                const struct process_policy *policy = policies[i];
                fprintf(out, "| %s | %s | `%s` | ", policy->name, kind_name(policy->kind), policy->user);
                print_capability_names(out, policy);
                fprintf(out, " | `%s` | %04o, group `%s` | %s only | %s | ", policy->socket,
                        (unsigned)policy->socket_mode, policy->socket_group, policy->families,
                        policy->grants != NULL ? "a role of its own" : "none");
                if (policy->syscalls != NULL)
                        fprintf(out, "%u |\n", syscall_count(policy));
                else
                        fprintf(out, "all but a list: %s |\n", policy->why_no_filter);
        }
}

void print_paths(FILE *out)
{
        fputs("| process | path | may | why |\n| --- | --- | --- | --- |\n", out);
        for (size_t i = 0; policies[i] != NULL; i++)
                for (const struct process_path *p = policies[i]->paths; p->path != NULL; p++)
                        fprintf(out, "| %s | `%s` | %s%s%s | %s |\n", policies[i]->name, p->path,
                                (p->rights & PATH_READ) != 0 ? "read" : "",
                                (p->rights & PATH_WRITE) != 0     ? ", write"
                                : (p->rights & PATH_PREPARE) != 0 ? ", write once, at the start"
                                                                  : "",
                                (p->rights & PATH_EXECUTE) != 0 ? ", run" : "", p->why);
        for (size_t i = 0; policies[i] != NULL; i++)
                for (const struct process_fact *f = policies[i]->facts; f != NULL && f->name != NULL; f++)
                        fprintf(out, "| %s | `%s` | is passed what stands in it at start | %s |\n", policies[i]->name,
                                f->path, f->why);
}

void print_privileges(FILE *out)
{
        fputs("| process | may | why |\n| --- | --- | --- |\n", out);
        for (size_t i = 0; policies[i] != NULL; i++) {
                const struct process_policy *policy = policies[i];
                for (const struct process_capability *c = policy->capabilities; c != NULL && c->capability >= 0; c++) {
                        char *name = cap_to_name(c->capability);
                        fprintf(out, "| %s | capability `%s` | %s |\n", policy->name, name, c->why);
                        cap_free(name);
                }
                for (const struct process_grant *grant = policy->grants; grant != NULL && grant->rights != NULL;
                     grant++)
                        fprintf(out, "| %s | SQL `%s` on `%s` | %s |\n", policy->name, grant->rights, grant->object,
                                grant->why);
        }
}

static bool group_used(const struct process_policy *policy, const struct syscall_group *wanted)
{
        for (const struct syscall_group *const *group = policy->syscalls; group != NULL && *group != NULL; group++)
                if (strcmp((*group)->why, wanted->why) == 0)
                        return true;
        return false;
}

static bool group_printed(size_t before, const struct syscall_group *group)
{
        for (size_t i = 0; i < before; i++)
                if (group_used(policies[i], group))
                        return true;
        return false;
}

static void print_group(FILE *out, const struct syscall_group *group)
{
        const char *comma = "";
        fputs("| ", out);
        for (size_t i = 0; policies[i] != NULL; i++)
                if (group_used(policies[i], group)) {
                        fprintf(out, "%s%s", comma, policies[i]->name);
                        comma = ", ";
                }
        fputs(" | ", out);
        for (const int *number = group->numbers; *number >= 0; number++) {
                char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, *number);
                fprintf(out, "%s`%s`", number == group->numbers ? "" : " ", name != NULL ? name : "?");
                free(name);
        }
        fprintf(out, " | %s |\n", group->why);
}

void print_syscalls(FILE *out)
{
        fputs("| process | system calls | why |\n| --- | --- | --- |\n", out);
        for (size_t i = 0; policies[i] != NULL; i++)
                for (const struct syscall_group *const *group = policies[i]->syscalls; group != NULL && *group != NULL;
                     group++)
                        if (!group_printed(i, *group))
                                print_group(out, *group);
}

static void print_operation(FILE *out, const char *hand, const struct operation *operation)
{
        static const char *const proofs[] = {"its clerk", "ticket", "warrant", "root itself"};
        static const char *const acts[] = {"runs", "writes", "has PID 1 do", "calls"};
        const char *what = operation->act == ACT_RUN    ? operation->program
                           : operation->act == ACT_FILE ? operation->path
                           : operation->act == ACT_UNIT ? operation->verb
                                                        : operation->call;
        fprintf(out, "| %s.%s | %s", hand, operation->name, proofs[operation->proof]);
        if (operation->proof == PROOF_TICKET || operation->proof == PROOF_WARRANT)
                fprintf(out, ", %s%s", role_name(operation->role),
                        (operation->flags & OPERATION_OWN) != 0 ? " or one's own" : "");
        fprintf(out, " | %s | %s `%s", operation->says, acts[operation->act], what != NULL ? what : "");
        for (const char *const *arg = operation->args; operation->act == ACT_RUN && *arg != NULL; arg++)
                fprintf(out, " %s", *arg);
        if (operation->act == ACT_UNIT && operation->unit != NULL)
                fprintf(out, " %s", operation->unit);
        fprintf(out, "` | %s | %s |\n", operation->guard != NULL ? operation->guard : "",
                (operation->flags & OPERATION_DESTROYS) != 0  ? "cannot be undone"
                : (operation->flags & OPERATION_FORWARD) != 0 ? "is finished instead"
                : operation->undo != NULL                     ? operation->undo
                : operation->act == ACT_FILE                  ? "the file as it was"
                                                              : "");
}

void print_operations(FILE *out)
{
        fputs("| operation | needs | does | how | guard | undo |\n| --- | --- | --- | --- | --- | --- |\n", out);
        for (size_t i = 0; operation_lists[i] != NULL; i++)
                for (uint16_t n = 0; n < operation_lists[i]->count; n++)
                        if (operation_lists[i]->list[n].name != NULL)
                                print_operation(out, operation_lists[i]->hand, &operation_lists[i]->list[n]);
}
