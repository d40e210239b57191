/* A row as the database gives it. What comes is not believed: who owns the database may have put anything there.
 * Rights: clerks; memory only. */
#include "ledger/ledger.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Exactly as PostgreSQL prints an integer. */
static bool read_integer(const char *text, int64_t least, int64_t most, int64_t *ret)
{
        char *end;
        long long value;

        if ((text[0] < '0' || text[0] > '9') && text[0] != '-')
                return false;
        errno = 0;
        value = strtoll(text, &end, 10);
        if (errno || *end || end == text || value < least || value > most)
                return false;
        *ret = value;
        return true;
}

static bool read_hash(const struct db_rows *rows, int at, int column, uint8_t hash[HASH_BYTES])
{
        return text_unhex(db_value(rows, at, column), db_value_length(rows, at, column), hash, HASH_BYTES) == 0;
}

int ledger_row_read(const struct db_rows *rows, int at, struct ledger_row *ret_row)
{
        ASSERT(rows && ret_row);
        struct ledger_row row = {
                .chain = db_value(rows, at, 1),
                .request = db_value(rows, at, 5),
                .plan = db_value(rows, at, 6),
                .actor_name = db_value(rows, at, 8),
                .source = db_value(rows, at, 9),
                .method = db_value(rows, at, 10),
                .object = db_value(rows, at, 11),
                .outcome = db_value(rows, at, 12),
                .detail = db_value(rows, at, 13),
        };
        int64_t number = 0, actor = 0;
        bool good = read_integer(db_value(rows, at, 0), 1, INT64_MAX, &row.id);

        good = read_integer(db_value(rows, at, 2), 1, INT64_MAX, &number) && good;
        good = read_integer(db_value(rows, at, 3), INT64_MIN, INT64_MAX, &row.at_us) && good;
        good = ledger_kind_parse(db_value(rows, at, 4), &row.kind) == 0 && good;
        good = read_integer(db_value(rows, at, 7), 0, UINT32_MAX, &actor) && good;
        good = read_hash(rows, at, 14, row.digest) && good;
        good = read_hash(rows, at, 15, row.before) && good;
        good = read_hash(rows, at, 16, row.hash) && good;
        row.number = (uint64_t)number;
        row.actor = (uint32_t)actor;
        for (int column = 0; column < LEDGER_COLUMN_COUNT; column++)
                good = !db_is_null(rows, at, column) && good;
        if (!good)
                row.kind = 0;
        *ret_row = row;
        return good ? 0 : -1;
}
