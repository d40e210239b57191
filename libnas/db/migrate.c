/* Applies the numbered files of sql/ in order, each in one transaction with its checksum, and never twice.
 * Rights: bulkhead-migrate only, with those of the database's superuser; reads the schema's directory. */
#include "db/migrate.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct migration {
        char name[128];
        char sum[2 * HASH_BYTES + 1];
        char *text;
};

struct schema {
        struct migration *list;
        size_t count;
};

static void connection_closep(PGconn **connection)
{
        PQfinish(*connection);
}

static void result_clearp(PGresult **result)
{
        PQclear(*result);
}

static void text_freep(char **text)
{
        free(*text);
}

static void schema_done(struct schema *schema)
{
        for (size_t i = 0; i < schema->count; i++)
                free(schema->list[i].text);
        free(schema->list);
}

static int refused(PGconn *connection, const char *what, struct failure *failure)
{
        return failure_set(failure, FAILURE_FAILED, "", "Nothing of this file was applied.", "%s: %s", what,
                           PQerrorMessage(connection));
}

static int execute(PGconn *connection, const char *sql, const char *what, struct failure *failure)
{
        CLEANUP(result_clearp) PGresult *result = PQexec(connection, sql);
        ExecStatusType status = PQresultStatus(result);

        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
                return refused(connection, what, failure);
        return 0;
}

/* "001_roles.sql" */
static bool is_migration(const char *name)
{
        size_t length = strlen(name);

        if (length < 9 || length >= sizeof(((struct migration *)NULL)->name) || name[3] != '_')
                return false;
        if (strspn(name, "0123456789") != 3 || strcmp(name + length - 4, ".sql") != 0)
                return false;
        return strspn(name + 4, "abcdefghijklmnopqrstuvwxyz0123456789_") == length - 8;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct migration *)a)->name, ((const struct migration *)b)->name);
}

static int migration_read(int dir_fd, const char *name, struct migration *ret, struct failure *failure)
{
        uint8_t *bytes = NULL;
        uint8_t hash[HASH_BYTES];
        size_t length = 0;
        int result = file_read_below(dir_fd, name, MIGRATE_FILE_BYTES_MAX, &bytes, &length);

        if (result < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s cannot be read: %s", name, strerror(-result));
        crypto_sha256(bytes, length, hash);
        text_hex(hash, sizeof(hash), ret->sum);
        snprintf(ret->name, sizeof(ret->name), "%s", name);
        ret->text = (char *)bytes;
        return 0;
}

static void directory_closep(DIR **directory)
{
        if (*directory)
                closedir(*directory);
}

static int schema_read(const char *path, struct schema *schema, struct failure *failure)
{
        CLEANUP(directory_closep) DIR *directory = opendir(path);
        const struct dirent *entry;

        if (!directory)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", path, strerror(errno));
        while ((entry = readdir(directory)) != NULL) {
                if (!is_migration(entry->d_name))
                        continue;
                if (schema->count == MIGRATE_FILES_MAX)
                        return failure_set(failure, FAILURE_FAILED, "", "", "%s holds too many files", path);
                schema->list = mem_grow(schema->list, schema->count + 1, sizeof(*schema->list));
                if (migration_read(dirfd(directory), entry->d_name, &schema->list[schema->count], failure))
                        return -1;
                schema->count++;
        }
        if (schema->count == 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s holds no file such as 001_name.sql", path);
        qsort(schema->list, schema->count, sizeof(*schema->list), by_name);
        return 0;
}

/* The record, and a lock so that two runs at once are one after the other. */
static int begin(PGconn *connection, struct failure *failure)
{
        if (PQstatus(connection) != CONNECTION_OK)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "%s", PQerrorMessage(connection));
        return execute(connection,
                       "set client_min_messages = warning; set search_path = pg_catalog;"
                       "select pg_advisory_lock(hashtext('bulkhead.migration'));"
                       "create schema if not exists bulkhead; revoke all on schema bulkhead from public;"
                       "create table if not exists bulkhead.migration ("
                       "name text primary key, sha256 text not null, at timestamptz not null default now())",
                       "the record of what was applied", failure);
}

/* What was applied must be the beginning of what there is, byte for byte, or go on where that ends: then a newer
 * version was here. Its length, or -1. */
static int check_applied(PGconn *connection, const struct schema *schema, struct failure *failure)
{
        CLEANUP(result_clearp)
        PGresult *rows = PQexec(connection, "select name, sha256 from bulkhead.migration order by name collate \"C\"");
        int applied = PQntuples(rows);

        if (PQresultStatus(rows) != PGRES_TUPLES_OK)
                return refused(connection, "the record of what was applied", failure);
        for (int i = 0; i < applied && (size_t)i < schema->count; i++) {
                const char *name = PQgetvalue(rows, i, 0);

                if (strcmp(schema->list[i].name, name) != 0)
                        return failure_set(failure, FAILURE_CONFLICT, "", "Files are only ever added at the end.",
                                           "%s was applied, but here stands %s", name, schema->list[i].name);
                if (strcmp(schema->list[i].sum, PQgetvalue(rows, i, 1)) != 0)
                        return failure_set(failure, FAILURE_CONFLICT, "", "Put the change into a new file.",
                                           "%s was changed after it had been applied", name);
        }
        return applied;
}

static int apply(PGconn *connection, const struct migration *migration, struct failure *failure)
{
        const char *const values[] = {migration->name, migration->sum};

        if (execute(connection, "begin", migration->name, failure) ||
            execute(connection, migration->text, migration->name, failure))
                return -1;
        if (PQtransactionStatus(connection) != PQTRANS_INTRANS)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s ends its transaction itself", migration->name);
        if (execute(connection, "reset role", migration->name, failure))
                return -1;

        CLEANUP(result_clearp)
        PGresult *result = PQexecParams(connection, "insert into bulkhead.migration (name, sha256) values ($1, $2)", 2,
                                        NULL, values, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
                return refused(connection, migration->name, failure);
        return execute(connection, "commit", migration->name, failure);
}

static int grants_read(const char *path, struct migration *ret, struct failure *failure)
{
        CLEANUP(text_freep) char *folder = mem_copy_text(path);
        char *slash = strrchr(folder, '/');
        CLEANUP_FD int dir_fd = -1;

        if (slash)
                *slash = '\0';
        dir_fd = open(!slash ? "." : slash == folder ? "/" : folder, O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", path, strerror(errno));
        return migration_read(dir_fd, slash ? slash + 1 : path, ret, failure);
}

static int apply_grants(PGconn *connection, const char *path, struct failure *failure)
{
        struct migration grants = {.text = NULL};
        int result = grants_read(path, &grants, failure);

        if (result == 0)
                result = execute(connection, "begin", path, failure);
        if (result == 0)
                result = execute(connection, grants.text, path, failure);
        if (result == 0)
                result = execute(connection, "commit", path, failure);
        free(grants.text);
        return result;
}

int migrate_run(const char *conninfo, const char *directory, const char *grants, void (*told)(const char *name),
                struct failure *failure)
{
        ASSERT(conninfo && directory);
        CLEANUP(schema_done) struct schema schema = {.list = NULL};
        CLEANUP(connection_closep) PGconn *connection = NULL;
        int applied;

        if (schema_read(directory, &schema, failure))
                return -1;
        connection = PQconnectdb(conninfo);
        if (begin(connection, failure))
                return -1;
        applied = check_applied(connection, &schema, failure);
        if (applied < 0)
                return -1;
        for (size_t i = (size_t)applied; i < schema.count; i++) {
                if (apply(connection, &schema.list[i], failure))
                        return -1;
                if (told)
                        told(schema.list[i].name);
        }
        if (grants && apply_grants(connection, grants, failure))
                return -1;
        return (size_t)applied > schema.count ? MIGRATE_NEWER : (int)schema.count - applied;
}

/* --- only looking --- */

/* One text of all that our roles may, in an order of its own. */
static const char rights_now[] =
        "select coalesce(string_agg(line, chr(10) order by line), '') from ("
        "select 'schema ' || nspname || ' ' || a.grantee::regrole || ' ' || a.privilege_type as line, a.grantee"
        "  from pg_namespace, aclexplode(nspacl) a union all "
        "select 'relation ' || c.oid::regclass || ' ' || a.grantee::regrole || ' ' || a.privilege_type, a.grantee"
        "  from pg_class c, aclexplode(relacl) a union all "
        "select 'column ' || attrelid::regclass || '.' || attname || ' ' || a.grantee::regrole || ' ' || "
        "  a.privilege_type, a.grantee from pg_attribute, aclexplode(attacl) a union all "
        "select 'function ' || p.oid::regprocedure || ' ' || a.grantee::regrole || ' ' || a.privilege_type, a.grantee"
        "  from pg_proc p, aclexplode(proacl) a) rights "
        "where grantee in (select oid from pg_roles where rolname ~ '^bulkhead-')";

static char *rights(PGconn *connection, struct failure *failure)
{
        CLEANUP(result_clearp) PGresult *result = PQexec(connection, rights_now);

        if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1) {
                refused(connection, "the rights of our roles", failure);
                return NULL;
        }
        return mem_copy_text(PQgetvalue(result, 0, 0));
}

static int check_grants(PGconn *connection, const char *path, struct failure *failure)
{
        CLEANUP(text_freep) char *before = rights(connection, failure);
        CLEANUP(text_freep) char *after = NULL;
        struct migration grants = {.text = NULL};
        int result = before ? grants_read(path, &grants, failure) : -1;

        if (result == 0)
                result = execute(connection, "begin", path, failure);
        if (result == 0)
                result = execute(connection, grants.text, path, failure);
        if (result == 0 && (after = rights(connection, failure)) == NULL)
                result = -1;
        free(grants.text);
        if (result == 0)
                result = execute(connection, "rollback", path, failure);
        if (result == 0 && strcmp(before, after) != 0)
                return failure_set(failure, FAILURE_CONFLICT, "", "",
                                   "the rights of our roles are not those of the policies");
        return result;
}

static int check_schema(PGconn *connection, const struct schema *schema, struct failure *failure)
{
        CLEANUP(result_clearp)
        PGresult *there = PQexec(connection, "select to_regclass('bulkhead.migration') is not null");
        int applied = 0;

        if (PQresultStatus(there) != PGRES_TUPLES_OK)
                return refused(connection, "the record of what was applied", failure);
        if (strcmp(PQgetvalue(there, 0, 0), "t") == 0)
                applied = check_applied(connection, schema, failure);
        if (applied >= 0 && (size_t)applied < schema->count)
                return failure_set(failure, FAILURE_CONFLICT, "", "",
                                   "the schema is not this version's: %s and what "
                                   "follows was not applied",
                                   schema->list[applied].name);
        return applied;
}

int migrate_check(const char *conninfo, const char *directory, const char *grants, struct failure *failure)
{
        ASSERT(conninfo && directory && grants);
        CLEANUP(schema_done) struct schema schema = {.list = NULL};
        CLEANUP(connection_closep) PGconn *connection = NULL;

        if (schema_read(directory, &schema, failure))
                return -1;
        connection = PQconnectdb(conninfo);
        if (PQstatus(connection) != CONNECTION_OK)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "%s", PQerrorMessage(connection));
        int applied = check_schema(connection, &schema, failure);
        if (applied < 0)
                return -1;
        return (size_t)applied > schema.count ? 0 : check_grants(connection, grants, failure);
}
