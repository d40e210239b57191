/* Applying the schema: once, in order, whole or not at all, and never over something that was changed.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "base/crypto.h"
#include "db/migrate.h"
#include "tests/lib/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[80];

static void put(const char *name, const char *text)
{
        char path[160];
        FILE *file;

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        file = fopen(path, "we");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static void drop(const char *name)
{
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        unlink(path);
}

/* Files applied, or -1. */
static int migrate(const char *grants, struct failure *failure)
{
        char path[160] = "";

        if (grants)
                snprintf(path, sizeof(path), "%s/%s", folder, grants);
        *failure = (struct failure){.code = FAILURE_NONE};
        return migrate_run(pg_conninfo("postgres"), folder, grants ? path : NULL, NULL, failure);
}

static void files_are_applied_once_in_order(void **state)
{
        (void)state;
        struct failure failure;

        put("002_two.sql", "create table public.two (a int references public.one);");
        put("001_one.sql", "create table public.one (a int primary key);");
        put("notes.sql", "this is none");
        put("003_Three.sql", "this neither");
        put("grants.sql", "create or replace view public.again as select 1 as a;");
        assert_int_equal(migrate("grants.sql", &failure), 2);
        put("grants.sql", "create or replace view public.again as select 1 as a, 2 as b;");
        assert_int_equal(migrate("grants.sql", &failure), 0);
        assert_int_equal(pg_number("select count(*) from bulkhead.migration"), 2);
        assert_int_equal(pg_number("select b from public.again"), 2); /* every time */
        assert_int_equal(strlen(pg_sql("select sha256 from bulkhead.migration where name = '001_one.sql'")), 64);
}

static void a_failing_file_leaves_nothing(void **state)
{
        (void)state;
        struct failure failure;

        put("003_three.sql", "create table public.three (a int); insert into public.three values ('no number');");
        assert_int_equal(migrate(NULL, &failure), -1);
        assert_non_null(strstr(failure.message, "003_three.sql"));
        assert_int_equal(pg_number("select count(*) from pg_tables where tablename = 'three'"), 0);
        assert_int_equal(pg_number("select count(*) from bulkhead.migration"), 2);
        put("003_three.sql", "create table public.three (a int);");
        assert_int_equal(migrate(NULL, &failure), 1);
}

static void a_file_does_not_end_its_transaction(void **state)
{
        (void)state;
        struct failure failure;

        put("004_four.sql", "create table public.four (a int); rollback;");
        assert_int_equal(migrate(NULL, &failure), -1);
        assert_non_null(strstr(failure.message, "ends its transaction"));
        drop("004_four.sql");
}

static void what_was_applied_stays_as_it_is(void **state)
{
        (void)state;
        struct failure failure;

        put("002_two.sql", "create table public.two (a int references public.one); ");
        put("004_four.sql", "create table public.four (a int);");
        assert_int_equal(migrate(NULL, &failure), -1);
        assert_int_equal(failure.code, FAILURE_CONFLICT);
        assert_non_null(strstr(failure.message, "002_two.sql was changed"));
        assert_int_equal(pg_number("select count(*) from pg_tables where tablename = 'four'"), 0);
        drop("002_two.sql");
        assert_int_equal(migrate(NULL, &failure), -1);
        assert_non_null(strstr(failure.message, "002_two.sql was applied"));
        put("002_two.sql", "create table public.two (a int references public.one);");
        put("002_then.sql", "select 1;"); /* would come before what was applied */
        assert_int_equal(migrate(NULL, &failure), -1);
        drop("002_then.sql");
        assert_int_equal(migrate(NULL, &failure), 1);
}

/* What a newer version added stays, and is not in the way of the older one that came back. */
static void a_newer_database_serves(void **state)
{
        (void)state;
        struct failure failure;

        put("005_five.sql", "create table public.five (a int);");
        assert_int_equal(migrate(NULL, &failure), 1);
        drop("005_five.sql");
        assert_int_equal(migrate(NULL, &failure), MIGRATE_NEWER);
        assert_int_equal(pg_number("select count(*) from pg_tables where tablename = 'five'"), 1);
        put("002_two.sql", "create table public.two ();");
        assert_int_equal(migrate(NULL, &failure), -1); /* still compared, as far as it goes */
        put("002_two.sql", "create table public.two (a int references public.one);");
        put("005_five.sql", "create table public.five (a int);");
        assert_int_equal(migrate(NULL, &failure), 0);
}

static void what_is_not_there_is_said(void **state)
{
        (void)state;
        struct failure failure;

        assert_int_equal(migrate_run(pg_conninfo("postgres"), "/nonexistent", NULL, NULL, &failure), -1);
        assert_int_equal(migrate("missing.sql", &failure), -1);
        assert_int_equal(migrate_run("host=/nonexistent", folder, NULL, NULL, &failure), -1);
        assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
}

/* The real schema, in a database of its own, twice. */
static void the_schema_applies(void **state)
{
        (void)state;
        struct failure failure;
        char conninfo[160];

        assert_non_null(pg_sql("create database whole template template0"));
        snprintf(conninfo, sizeof(conninfo), "host=%s dbname=whole user=postgres", pg_dir);
        assert_true(migrate_run(conninfo, "sql", NULL, NULL, &failure) >= 3);
        assert_int_equal(migrate_run(conninfo, "sql", NULL, NULL, &failure), 0);
}

/* What the catalogue says of a daemon's own schema and chain, its name aside. */
static const char *daemon_told(const char *name)
{
        char sql[2048];

        snprintf(sql, sizeof(sql),
                 "select string_agg(replace(line, '%s', 'NAME'), chr(10) order by replace(line, '%s', 'NAME')) from ("
                 "select c.oid::regclass || ' of ' || relowner::regrole || ': ' || attname || ' ' || attnum || ' ' ||"
                 " format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' ||"
                 " coalesce(pg_get_expr(adbin, adrelid), '') as line"
                 "  from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0"
                 "  left join pg_attrdef d on adrelid = c.oid and adnum = attnum"
                 "  where c.oid in (to_regclass('%s.repeat'), to_regclass('%s.repeat_at'), to_regclass('ledger.%s')) "
                 "union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint"
                 "  where conrelid = to_regclass('%s.repeat') "
                 "union all select nspname || ' of ' || nspowner::regrole from pg_namespace where nspname = '%s' "
                 "union all select rolname || ' ' || rolcanlogin || rolsuper || rolcreatedb || rolcreaterole ||"
                 " rolreplication || rolbypassrls || rolinherit || has_database_privilege(oid, 'bulkhead', 'connect')"
                 "  from pg_roles where rolname = 'bulkhead-%s') told",
                 name, name, name, name, name, name, name, name);
        return pg_sql(sql);
}

/* What one line makes for a new daemon is what the daemons before it have. */
static void a_daemon_is_made_in_one_line(void **state)
{
        (void)state;
        char known[8192];

        snprintf(known, sizeof(known), "%s", daemon_told("network"));

        assert_string_equal(pg_sql("select bulkhead.daemon('cellar'); select current_user"), "bulkhead_owner");
        assert_non_null(strstr(known, "NAME.repeat"));
        assert_string_equal(daemon_told("cellar"), known);
        assert_null(pg_sql("set role bulkhead_owner; select bulkhead.daemon('barn')"));
}

/* Only looking finds each of these, and changes nothing. */
static void a_look_finds_what_is_wrong(void **state)
{
        (void)state;
        struct failure failure;
        char conninfo[160], grants[160];

        snprintf(conninfo, sizeof(conninfo), "host=%s dbname=looked user=postgres", pg_dir);
        snprintf(grants, sizeof(grants), "%s/rights.sql", folder);
        put("rights.sql", "revoke all on all tables in schema public from \"bulkhead-looked\";"
                          "grant select on public.one to \"bulkhead-looked\";");
        assert_int_equal(migrate_check("host=/nonexistent", folder, grants, &failure), -1);
        assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
        assert_non_null(pg_sql("create database looked template template0"));
        assert_non_null(pg_sql("create role \"bulkhead-looked\""));
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), -1); /* no schema at all */
        assert_non_null(strstr(failure.message, "001_one.sql"));
        assert_true(migrate_run(conninfo, folder, grants, NULL, &failure) > 0);
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), 0);

        put("rights.sql", "revoke all on all tables in schema public from \"bulkhead-looked\";");
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), -1); /* more than the policies say */
        assert_non_null(strstr(failure.message, "rights"));
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), -1); /* and still: it was rolled back */
        assert_int_equal(migrate_run(conninfo, folder, grants, NULL, &failure), 0);
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), 0);

        put("006_six.sql", "create table public.six (a int);");
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), -1); /* one is still to come */
        assert_non_null(strstr(failure.message, "006_six.sql"));
        assert_int_equal(migrate_run(conninfo, folder, grants, NULL, &failure), 1);
        drop("006_six.sql");
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), 0); /* a newer one serves */
        put("001_one.sql", "create table public.one (b int primary key);");
        assert_int_equal(migrate_check(conninfo, folder, grants, &failure), -1);
        assert_non_null(strstr(failure.message, "001_one.sql was changed"));
        put("001_one.sql", "create table public.one (a int primary key);");
}

static int begin(void **state)
{
        (void)state;
        crypto_start();
        if (pg_start())
                return -1;
        snprintf(folder, sizeof(folder), "%s/files", pg_dir);
        return pg_sql("drop table bulkhead.migration") && mkdir(folder, 0755) == 0 ? 0 : -1;
}

static int end(void **state)
{
        (void)state;
        return pg_do("stop");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_applied_once_in_order),
                cmocka_unit_test(a_failing_file_leaves_nothing),
                cmocka_unit_test(a_file_does_not_end_its_transaction),
                cmocka_unit_test(what_was_applied_stays_as_it_is),
                cmocka_unit_test(a_newer_database_serves),
                cmocka_unit_test(what_is_not_there_is_said),
                cmocka_unit_test(the_schema_applies),
                cmocka_unit_test(a_look_finds_what_is_wrong),
                cmocka_unit_test(a_daemon_is_made_in_one_line),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
