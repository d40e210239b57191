/* The doctor: looks at everything the suite needs and says in one line each what is wrong and what to do. It asks no
 * daemon for the truth and needs none: with everything else down it still works.
 *
 * A check is a row of the table in checks.c and a function in a file of its family. It says what it found by the
 * functions below, and never acts. */
#ifndef BULKHEAD_CLI_DOCTOR_H
#define BULKHEAD_CLI_DOCTOR_H

#include "base/arena.h"
#include "policy/policies.h"
#include "sys/account.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* UNKNOWN: it could not be looked at. That is never taken for good. */
enum found_state { FOUND_GOOD, FOUND_WARNING, FOUND_BAD, FOUND_UNKNOWN, FOUND_STATES };

struct finding {
        enum found_state state;
        const char *check;   /* name of the row in the table */
        const char *object;  /* a unit, a file, a process; may be empty */
        const char *message; /* a sentence without its object */
        const char *next;    /* what to do: a command where there is one; empty when all is well */
};

struct doctor {
        struct arena *arena;
        const char *root; /* "", or for tests a folder that stands for / */
        const char *check;
        const struct finding *list;
        size_t count, room;
};

typedef void doctor_check(struct doctor *doctor);
struct check {
        const char *name, *says;
        doctor_check *look;
};
extern const struct check checks[]; /* ended by a NULL name */

/* --- what a check found (report.c) --- */
void found_good(struct doctor *doctor, const char *object, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void found_warning(struct doctor *doctor, const char *object, const char *next, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void found_bad(struct doctor *doctor, const char *object, const char *next, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void found_unknown(struct doctor *doctor, const char *object, const char *next, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
size_t found_count(const struct doctor *doctor, enum found_state state);
void report_text(FILE *out, const struct doctor *doctor, bool all, bool colours);
void report_json(FILE *out, const struct doctor *doctor);

/* --- helpers --- */
const char *doctor_path(const struct doctor *doctor, const char *path); /* below its root */
/* A small file as text; NULL with errno. Control characters are made visible. */
const char *doctor_file(const struct doctor *doctor, const char *path);

struct json;
struct tool {                     /* a program of this machine, asked something */
        const char *const *words; /* an absolute path first; ended by NULL */
        const char *user;         /* as whom; NULL: as we are */
        unsigned seconds;         /* then it is ended */
};
enum { TOOL_MISSING = -1, TOOL_HUNG = -2, TOOL_BYTES_MAX = 256 * 1024 };
/* Its exit code, or one of the above; what it printed on both outputs, cut at TOOL_BYTES_MAX. */
int tool_run(struct arena *arena, const struct tool *tool, const char **ret_said);
/* Has bulkhead asked with --json, and what it says judged; what is no such answer, or none, is open. */
void bulkhead_judge(struct doctor *doctor, const char *const *words, bool (*judge)(struct doctor *, const char *said));
/* A member of what it says; "" or false: there is none of that type. */
const char *answer_text(const struct json *object, const char *name);
bool answer_is(const struct json *object, const char *name);
/* The first line of what was said that says anything. */
const char *first_line(struct arena *arena, const char *said);

/* --- pure parts, for tests --- */
struct unit { /* as "systemctl show" says it; never NULL */
        const char *name, *load, *active, *sub, *file_state, *drop_ins, *reload, *result, *main_pid, *fragment, *type;
        const char *wanted, *tried; /* do its conditions hold, and when was that looked at */
};
/* The blocks of "systemctl show"; the number of units. */
size_t units_parse(struct arena *arena, const char *said, struct unit *units, size_t room);
void unit_judge(struct doctor *doctor, const struct unit *unit);
void process_judge(struct doctor *doctor, const struct process_policy *policy, const char *status,
                   const struct accounts *accounts);
struct room { /* of a file system */
        uint64_t bytes, free_bytes, files, free_files;
        bool read_only;
};
void room_judge(struct doctor *doctor, const char *path, const struct room *room);
void certificate_judge(struct doctor *doctor, const char *path, const char *identity, int64_t now_s);
/* What the checker of a service answered of its settings. */
void checker_judge(struct doctor *doctor, const char *service, const char *settings, int result, const char *said);
/* What "bulkhead ... --json" said of it; false: that is no such list. command: the word before restore and adopt. */
bool drift_judge(struct doctor *doctor, const char *of, const char *command, const char *said);
/* What "bulkhead smb domain --json" said; false: that is no domain. */
bool domain_judge(struct doctor *doctor, const char *said);
/* What "bulkhead directory show --json" said; false: that is none. */
bool directory_judge(struct doctor *doctor, const char *said);
/* The thumbprint of the server's key, as what is sealed for it says; NULL: it says none. */
const char *tang_key(struct arena *arena, const char *sealed);
/* status: as HTTP has it, 000: no answer. */
void tang_judge(struct doctor *doctor, const char *pool, const char *url, const char *status);

/* --- the checks --- */
doctor_check check_host, check_settings, check_accounts, check_files, check_package, check_units, check_sockets,
        check_processes, check_trust, check_plans, check_database, check_certificate, check_clock, check_space,
        check_services, check_mounts, check_drift, check_domain, check_directory, check_tang;

#endif
