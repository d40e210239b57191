/* The statements of a chain whose name is known only when the clerk runs.
 * Rights: none; memory only. */
#include "ledger/ledger.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct db_statement of_any[] = {LEDGER_STATEMENTS("@")};
_Static_assert(ARRAY_SIZE(of_any) == LEDGER_STATEMENT_COUNT, "the ledger's statements");

/* The name goes into SQL as it is: it must be letters and nothing else. */
static char *named(const char *sql, const char *chain)
{
        size_t length = strlen(chain), used = 0;
        char *text = mem_new(strlen(sql) * (length + 1) + 1, 1);

        for (; *sql; sql++) {
                if (*sql != '@') {
                        text[used++] = *sql;
                        continue;
                }
                memcpy(text + used, chain, length);
                used += length;
        }
        return text;
}

void ledger_statements(const char *chain, struct db_statement ret_statements[LEDGER_STATEMENT_COUNT])
{
        ASSERT(chain && *chain && strspn(chain, "abcdefghijklmnopqrstuvwxyz") == strlen(chain));
        for (size_t i = 0; i < LEDGER_STATEMENT_COUNT; i++)
                ret_statements[i] = (struct db_statement){
                        .name = of_any[i].name, .sql = named(of_any[i].sql, chain), .params = of_any[i].params};
}

void ledger_statements_free(struct db_statement statements[LEDGER_STATEMENT_COUNT])
{
        ASSERT(statements);
        for (size_t i = 0; i < LEDGER_STATEMENT_COUNT; i++) {
                free((char *)(uintptr_t)statements[i].sql);
                statements[i].sql = NULL;
        }
}
