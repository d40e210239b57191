/* For tests in C: the private PostgreSQL of tests/lib/pg, and a plain blocking connection to look into it. */
#ifndef BULKHEAD_TESTS_PG_H
#define BULKHEAD_TESTS_PG_H

#include <fcntl.h>
#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char pg_dir[64];

/* start, again, kill or stop. 0 when it went well. */
static inline int pg_do(const char *what)
{
        char build[PATH_MAX] = "";
        int status = 0;
        pid_t child;

        /* A test's program is BUILD/unit/FOLDER/NAME. */
        if (readlink("/proc/self/exe", build, sizeof(build) - 1) < 0)
                return -1;
        for (int i = 0; i < 3; i++)
                *strrchr(build, '/') = '\0';
        child = fork();
        if (child == 0) {
                execl("tests/lib/pg", "tests/lib/pg", what, pg_dir, build, NULL);
                _exit(127);
        }
        return child > 0 && waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

/* However the test ends, its server ends with it: a child waits for that. */
static inline int pg_guard(void)
{
        int ends[2];
        char byte;

        if (pipe2(ends, O_CLOEXEC) || fcntl(ends[1], F_SETFD, FD_CLOEXEC))
                return -1;
        if (fork() == 0) {
                close(ends[1]);
                setsid();
                while (read(ends[0], &byte, 1) > 0)
                        ;
                pg_do("stop");
                _exit(0);
        }
        close(ends[0]);
        return 0;
}

static inline int pg_start(void)
{
        snprintf(pg_dir, sizeof(pg_dir), "/tmp/bulkhead-pg.%d", (int)getpid());
        return pg_guard() || pg_do("start") ? -1 : 0;
}

static inline const char *pg_conninfo(const char *role)
{
        static char text[128];

        snprintf(text, sizeof(text), "host=%s dbname=bulkhead user=%s", pg_dir, role);
        return text;
}

/* Runs sql as the superuser; the first value of its result in a static buffer ("" when none); NULL when it failed. */
static inline const char *pg_sql(const char *sql)
{
        static char value[8192];
        PGconn *connection = PQconnectdb(pg_conninfo("postgres"));
        PGresult *result = PQexec(connection, sql);
        ExecStatusType status = PQresultStatus(result);

        snprintf(value, sizeof(value), "%s",
                 status == PGRES_TUPLES_OK && PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
                fprintf(stderr, "%s: %s", sql, PQerrorMessage(connection));
        PQclear(result);
        PQfinish(connection);
        return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ? value : NULL;
}

static inline long pg_number(const char *sql)
{
        const char *value = pg_sql(sql);

        return value ? strtol(value, NULL, 10) : -1;
}

#endif
