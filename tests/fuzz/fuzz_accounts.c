/* What people upload and what stands in the account files: CSV whose fields, written again and read again, are the
 * same; and /etc/passwd and /etc/group with anything in them.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/users/clerk/accounts.h"
#include "daemons/users/clerk/csv.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* As csv_field writes it, but quoted in any case: an empty line would be left out. */
static const char *quoted(const char *text, struct arena *arena)
{
        const char *field = csv_field(arena, text);
        return field == text ? arena_printf(arena, "\"%s\"", text) : field;
}

static const char *write_again(const struct csv_table *table, struct arena *arena)
{
        const char *text = "";
        for (size_t i = 0; i < table->count; i++)
                for (size_t f = 0; f < table->rows[i].count; f++)
                        text = arena_printf(arena, "%s%s%s%s", text, f > 0 ? "," : "",
                                            quoted(table->rows[i].fields[f], arena),
                                            f + 1 == table->rows[i].count ? "\r\n" : "");
        return text;
}

static void try_csv(const char *text, struct arena *arena)
{
        struct csv_table table, again;
        struct failure failure = {0};
        if (csv_parse(arena, text, &table, &failure) != 0) {
                ASSERT(failure.code == FAILURE_INVALID && *failure.message);
                return;
        }
        int result = csv_parse(arena, write_again(&table, arena), &again, &failure);
        ASSERT(result == 0 && again.count == table.count);
        for (size_t i = 0; i < table.count; i++) {
                ASSERT(again.rows[i].count == table.rows[i].count);
                for (size_t f = 0; f < table.rows[i].count; f++)
                        ASSERT(strcmp(again.rows[i].fields[f], table.rows[i].fields[f]) == 0);
        }
}

/* The first half is passwd, the second group. */
static void try_files(const uint8_t *bytes, size_t length)
{
        size_t half = length / 2;
        if (half == 0)
                return;
        FILE *passwd = fmemopen((void *)(uintptr_t)bytes, half, "r");
        FILE *group = fmemopen((void *)(uintptr_t)(bytes + half), length - half, "r");
        struct accounts *accounts = accounts_parse(passwd, group);
        for (size_t i = 0; accounts && i < accounts->account_count; i++) {
                const struct account *account = &accounts->accounts[i];
                ASSERT(account->uid >= ACCOUNT_FIRST && account->uid <= ACCOUNT_LAST);
                ASSERT(account_by_name(accounts, account->name) && accounts_name_taken(accounts, account->name));
        }
        accounts_free(accounts);
        fclose(passwd);
        fclose(group);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length > 4096)
                return 0;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        try_csv(arena_text(arena, (const char *)bytes, length), arena);
        try_files(bytes, length);
        return 0;
}
