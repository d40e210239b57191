/* All SQL of the monitor clerk.
 * Rights: the monitor clerk; data without functions. */
#include "daemons/monitor/clerk/monitor.h"

#include "ledger/ledger.h"

/* clang-format off: SQL reads in lines of its own */
/* An absent filter is NULL. The role's plans are made for the values at hand (sql/005_monitor.sql), so that what is
 * absent costs nothing and the index of what is there is used. */
#define FILTERS                                                                                                        \
        "and ($1::text is null or actor_name = $1) and ($2::text is null or method = $2) "                             \
        "and ($3::text is null or kind = $3::ledger.kind) and ($4::text is null or outcome = $4) "

/* A row may hold a megabyte: what comes back at once is bounded by bytes too, but is one row at least. The last
 * column is how many rows there were before that. */
#define BOUNDED(order, inner)                                                                                          \
        "select " LEDGER_COLUMNS                                                                                       \
        ", rows from (select *, count(*) over () as rows, sum(octet_length(detail)) over (order by " order             \
        " rows unbounded preceding) - octet_length(detail) as bytes from (" inner                                      \
        ") as page) as bounded where bytes < 1048576 order by " order

const struct db_statement monitor_statements[MONITOR_STATEMENTS] = {
        [MONITOR_LIST_BY_ID] = {"monitor_list_by_id",
                                BOUNDED("id desc",
                                        "select * from ledger.row where ($6::bigint is null or id < $6) " FILTERS
                                        "order by id desc limit $5"),
                                6},
        /* By time, so that a span long ago is found without reading what came after it. */
        [MONITOR_LIST_BY_TIME] = {"monitor_list_by_time",
                                  BOUNDED("at desc, id desc",
                                          "select * from ledger.row where ($6::bigint is null or (at, id) < "
                                          "(timestamptz 'epoch' + $7::bigint * interval '1 microsecond', $6)) " FILTERS
                                          "and at >= coalesce($8::timestamptz, '-infinity') "
                                          "and at < coalesce($9::timestamptz, 'infinity') "
                                          "order by at desc, id desc limit $5"),
                                  9},
        /* Every chain that anything says there is. */
        [MONITOR_CHAINS] =
                {"monitor_chains",
                 "select chain, number from (select relname::text as chain from pg_class where relnamespace = "
                 "'ledger'::regnamespace and relkind = 'p' union select chain from ledger.head where number > 0 union "
                 "select chain from ledger.checkpoint) as named left join ledger.head using (chain) order by 1 limit "
                 "100",
                 0},
        /* Duplicates of a number have different ids. */
        [MONITOR_ROWS] =
                {"monitor_rows",
                 BOUNDED("number, id",
                         "select * from ledger.row where chain = $1 and (number, id) > ($2::bigint, $3::bigint) "
                         "order by number, id limit $4::bigint"),
                 4},
        /* In one snapshot: where the chain stood a moment ago, the row there, the last row, and whether the chain is so
         * old that somebody must have said where it stands. */
        [MONITOR_END] =
                {"monitor_end",
                 "select (select number from ledger.head where chain = $1), "
                 "(select encode(hash, 'hex') from ledger.head where chain = $1), "
                 "(select max(number) from ledger.row where chain = $1), "
                 "(select encode(hash, 'hex') from ledger.row where chain = $1 and number = (select number from "
                 "ledger.head where chain = $1) order by id limit 1), "
                 "(select at < now() - interval '1 minute' from ledger.row where chain = $1 order by number limit 1)",
                 1},
        [MONITOR_CHECKPOINTS] =
                {"monitor_checkpoints",
                 "select c.number, encode(c.hash, 'hex'), "
                 "case when isfinite(c.at) then extract(epoch from c.at)::bigint else 0 end, c.key_id, "
                 "encode(c.signature, 'hex'), (select encode(r.hash, 'hex') from ledger.row r where r.chain = c.chain "
                 "and r.number = c.number order by r.id limit 1), c.at from ledger.checkpoint c where c.chain = $1 "
                 "and (c.number, c.at, c.key_id) > ($2::bigint, $3::timestamptz, $4::bigint) "
                 "order by c.number, c.at, c.key_id limit 100",
                 4},
        [MONITOR_ROW] =
                {"monitor_row",
                 "select encode(hash, 'hex') from ledger.row where chain = $1 and number = $2 order by id limit 1", 2},
        [MONITOR_PARTITIONS] = {"monitor_partitions", "select ledger.partitions(3)", 0},
};
