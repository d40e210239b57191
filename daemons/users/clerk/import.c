/* Accounts as CSV, in and out in the same form: username,full name,role,groups separated by blanks. All lines or
 * none; what is wrong is named by line and column.
 * Rights: the users clerk; works on what is in memory. */
#include "daemons/users/clerk/csv.h"
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { COLUMN_USERNAME, COLUMN_FULL_NAME, COLUMN_ROLE, COLUMN_GROUPS, COLUMNS };
static const char *const columns[COLUMNS] = {"username", "full name", "role", "groups"};
#define HEADING "username,full name,role,groups\r\n"
enum { GROUPS_MAX = 64 };

static int wrong(const struct planner *planner, const struct csv_row *row, enum column column, const char *what)
{
        return failure_set(planner->failure, FAILURE_INVALID, "csv", "Correct the file and send it again.",
                           "line %zu, column %s: %s", row->line, columns[column], what);
}

/* Says line and column before what a check said. */
static int blame(const struct planner *planner, const struct csv_row *row, enum column column)
{
        char said[sizeof(planner->failure->message)];
        snprintf(said, sizeof(said), "%s", planner->failure->message);
        return wrong(planner, row, column, said);
}

static int check(const struct planner *planner, const struct csv_row *row, enum column column, const char *type)
{
        const char *text = row->fields[column];
        if (value_check(value_type_find(type), columns[column], text, strlen(text), planner->failure) != 0)
                return blame(planner, row, column);
        return 0;
}

static int read_groups(const struct planner *planner, const struct csv_row *row, struct user_wish *wish)
{
        struct arena *arena = planner->plan->arena;
        const char *joined = row->fields[COLUMN_GROUPS];
        const char **groups = arena_array(arena, GROUPS_MAX, sizeof(*groups));
        char *rest = arena_text(arena, joined, strlen(joined));
        for (char *one; (one = strsep(&rest, " "));) {
                if (!*one)
                        continue;
                if (wish->group_count == GROUPS_MAX)
                        return wrong(planner, row, COLUMN_GROUPS, "there are too many groups.");
                if (!group_by_name(planner->accounts, one))
                        return wrong(planner, row, COLUMN_GROUPS,
                                     arena_printf(arena, "there is no group %.31s; create it first.", one));
                groups[wish->group_count++] = one;
        }
        wish->groups = groups;
        return 0;
}

static int plan_row(struct planner *planner, const struct csv_row *row)
{
        struct user_wish wish = {0};
        if (row->count != COLUMNS)
                return failure_set(planner->failure, FAILURE_INVALID, "csv", "Correct the file and send it again.",
                                   "line %zu: has %zu fields, not %d.", row->line, row->count, COLUMNS);
        wish.name = row->fields[COLUMN_USERNAME];
        wish.full_name = *row->fields[COLUMN_FULL_NAME] ? row->fields[COLUMN_FULL_NAME] : NULL;
        if (check(planner, row, COLUMN_USERNAME, "user_name") != 0 ||
            (wish.full_name && check(planner, row, COLUMN_FULL_NAME, "full_name") != 0))
                return -1;
        if (role_parse(row->fields[COLUMN_ROLE], &wish.role) != 0 || wish.role == ROLE_NOBODY)
                return wrong(planner, row, COLUMN_ROLE, "must be viewer, user, operator or admin.");
        if (read_groups(planner, row, &wish) != 0)
                return -1;
        if (plan_user_create(planner, &wish) == 0)
                return 0;
        /* A plan that is too long is no fault of this line. */
        return planner->failure->code == FAILURE_CONFLICT ? blame(planner, row, COLUMN_USERNAME) : -1;
}

static int check_heading(const struct planner *planner, const struct csv_table *table)
{
        const struct csv_row *row = table->count > 0 ? &table->rows[0] : NULL;
        bool good = row && row->count == COLUMNS;
        for (size_t i = 0; good && i < COLUMNS; i++)
                good = strcmp(row->fields[i], columns[i]) == 0;
        return good ? 0
                    : failure_set(planner->failure, FAILURE_INVALID, "csv", "Export gives a file of this form.",
                                  "line 1: must be the heading username,full name,role,groups.");
}

int plan_import(struct planner *planner, const char *csv, size_t *ret_count)
{
        ASSERT(planner && csv && ret_count);
        struct csv_table table;
        if (csv_parse(planner->plan->arena, csv, &table, planner->failure) != 0 || check_heading(planner, &table) != 0)
                return -1;
        for (size_t i = 1; i < table.count; i++)
                if (plan_row(planner, &table.rows[i]) != 0)
                        return -1;
        *ret_count = table.count - 1;
        return 0;
}

static void answer_imported(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        const size_t *count = context;
        struct nas_users_import_users_out answer = {.imported = (int64_t)*count};
        nas_users_import_users_out_write(out, &answer);
}

void nas_users_import_users(struct call *call, const struct nas_users_import_users_in *in)
{
        struct failure failure = {0};
        struct change *change = change_new(clerk.changes);
        struct planner planner = users_planner(change, &failure);
        size_t *count = arena_alloc(change->arena, sizeof(*count));
        int result = plan_import(&planner, in->csv, count);
        change->object = arena_printf(change->arena, "%zu users", *count);
        change->who = arena_printf(change->arena, "%zu new accounts", *count);
        change->answer = answer_imported;
        change->context = count;
        users_run(call, change, result, &failure);
}

static void write_line(FILE *file, struct arena *arena, const struct account *account)
{
        fprintf(file, "%s,%s,%s,", csv_field(arena, account->name), csv_field(arena, account->full_name),
                role_name(account->role));
        for (size_t i = 0; i < account->group_count; i++)
                fprintf(file, "%s%s", i > 0 ? " " : "", account->groups[i]);
        fprintf(file, "\r\n");
}

const char *export_csv(const struct accounts *accounts, struct arena *arena)
{
        ASSERT(accounts && arena);
        char *text = NULL;
        size_t length = 0;
        FILE *file = open_memstream(&text, &length);
        ASSERT(file);
        fprintf(file, HEADING);
        for (size_t i = 0; i < accounts->account_count; i++)
                if (accounts->accounts[i].role > ROLE_NOBODY)
                        write_line(file, arena, &accounts->accounts[i]);
        fclose(file);
        const char *kept = arena_text(arena, text, length);
        free(text);
        return kept;
}

void nas_users_export_users(struct call *call, const struct nas_users_export_users_in *in)
{
        (void)in;
        struct nas_users_export_users_out out = {.csv = export_csv(accounts_now(), call_arena(call))};
        nas_users_export_users_reply(call, &out);
}
