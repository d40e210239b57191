/* Contracts as data: the whole Varlink grammar with the annotations of ipc/README.md. One parser for the compiler, the
 * command line and the front end; usable at run time on files that come with a module.
 *
 * Everything lives in the caller's arena. A parsed contract is resolved: every name has its target, no type contains
 * itself. idl_check holds it to the rules of this project; who serves or calls by a contract checks it first. */
#ifndef BULKHEAD_IPC_COMPILER_IDL_H
#define BULKHEAD_IPC_COMPILER_IDL_H

#include "base/arena.h"
#include "base/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        IDL_BYTES_MAX = 1024 * 1024, /* of one file */
        IDL_NAME_MAX = 64,           /* bytes of one name */
        IDL_MEMBERS_MAX = 512,       /* types, methods and errors of one contract */
        IDL_FIELDS_MAX = 128,        /* of one list */
        IDL_DEPTH_MAX = 12,          /* of types in types; JSON allows 16 */
        IDL_WORDS_MAX = 8,           /* of one annotation */
};

struct idl_place { /* both from 1; a column is a byte */
        unsigned line, column;
};

enum idl_annotation {
        IDL_HTTP,
        IDL_ALSO,
        IDL_COMMAND,
        IDL_ROLE,
        IDL_PLAN,
        IDL_JOB,
        IDL_MORE,
        IDL_SESSION,
        IDL_PROGRESS,
        IDL_ONEWAY,
        IDL_DESTROYS,
        IDL_WARRANT,
        IDL_IS,
        IDL_RANGE,
        IDL_MAX,
        IDL_SECRET,
        IDL_ISSUED,
        IDL_COOKIE,
        IDL_DEFAULT,
        IDL_EVENT,
        IDL_ANNOTATION_COUNT
};

struct idl_note { /* one annotation */
        struct idl_place place;
        size_t count;
        const char *words[IDL_WORDS_MAX]; /* what follows its name */
        enum role role;                   /* @role */
        int64_t from, to;                 /* @range; @max has only to */
};

struct idl_said {                                           /* the comment lines directly above */
        const char *comment;                                /* as they are, a line each, without "# "; "" when none */
        const char *doc;                                    /* without the annotations */
        const struct idl_note *notes[IDL_ANNOTATION_COUNT]; /* NULL: not said */
};

enum idl_kind {
        IDL_BOOL,
        IDL_INT,
        IDL_FLOAT,
        IDL_STRING,
        IDL_OBJECT,
        IDL_ARRAY,
        IDL_MAP,
        IDL_NAMED,
        IDL_STRUCT,
        IDL_ENUM
};

struct idl_member;
struct idl_field;

struct idl_type {
        enum idl_kind kind;
        bool optional;
        struct idl_place place;
        const char *name;                /* NAMED */
        const struct idl_member *target; /* NAMED: the type of that name */
        struct idl_type *of;             /* ARRAY, MAP: of what */
        struct idl_field *fields;        /* STRUCT; ENUM: its words, which have no type */
};

struct idl_field {
        struct idl_field *next;
        const char *name;
        struct idl_place place;
        struct idl_said said;
        struct idl_type *type; /* NULL: a word of an enum */
};

enum idl_what { IDL_TYPE, IDL_METHOD, IDL_ERROR };

struct idl_member {
        struct idl_member *next;
        enum idl_what what;
        const char *name;
        struct idl_place place;
        struct idl_said said;
        struct idl_type *type;  /* a type: STRUCT or ENUM; a method: its parameters; an error: its fields */
        struct idl_type *reply; /* a method: its results */
        /* A type, after parsing: */
        unsigned depth;                         /* how many lists of fields in each other it is */
        const struct idl_note *secret, *issued; /* the first such annotation in it, however deep; NULL: none */
};

struct idl_contract {
        const char *file_name; /* as it was given */
        const char *name;      /* "nas.users" */
        struct idl_place place;
        struct idl_said said;
        struct idl_member *members; /* in the order of the file */
};

/* NULL when the text is not a contract: message (size bytes) is then "FILE:LINE:COLUMN: what is wrong, expected ...".
 * Texts are copied to the arena. */
const struct idl_contract *idl_parse(struct arena *arena, const char *file_name, const char *text, size_t length,
                                     char message[256]);

/* The rules beyond the grammar, for one contract and between all. 0, or -1 with the first fault in message. */
int idl_check(const struct idl_contract *const *contracts, size_t count, char message[256]);

/* The rules of a module's contract beyond those (docs/modules.md): what it may be called, where its routes and commands
 * are, and that what it answers is part of its state. 0, or -1 with the first fault in message. */
int idl_check_module(const struct idl_contract *contract, const char *name, char message[256]);
/* Beside the contracts that it comes to: takes it no name, route or command of theirs? The same. */
int idl_check_beside(const struct idl_contract *contract, const struct idl_contract *const *others, size_t count,
                     char message[256]);
#define IDL_MODULE "module." /* what a module's contract is called, before its name */

/* Is what was promised in released still kept by now? 0, or -1 with the first broken promise in message. */
int idl_check_released(const struct idl_contract *released, const struct idl_contract *now, char message[256]);

/* The declaration that a type comes to: a NAMED type's target's, itself otherwise. */
const struct idl_type *idl_real(const struct idl_type *type);
/* The first annotation of that kind (IDL_SECRET or IDL_ISSUED) in what type holds, however deep; NULL: none. */
const struct idl_note *idl_holds(const struct idl_type *type, enum idl_annotation annotation);
/* NULL when there is none. */
const struct idl_member *idl_member(const struct idl_contract *contract, enum idl_what what, const char *name);
const struct idl_field *idl_field(const struct idl_type *structure, const char *name);
/* The next {param} of a route: its name (length bytes, not ended) or NULL; *at moves behind it. */
const char *idl_path_param(const char **at, size_t *ret_length);
bool idl_path_has(const char *path, const char *param);
/* Could one request fit both paths, though they are not the same but for the names of their parameters? */
bool idl_path_shadows(const char *path, const char *other);
bool idl_path_is_same(const char *path, const char *other);

/* --- over HTTP (ipc/README.md) --- */
enum idl_http_place { IDL_HTTP_PATH, IDL_HTTP_QUERY, IDL_HTTP_BODY, IDL_HTTP_COOKIE };
/* Where a parameter of a method with @http goes. */
enum idl_http_place idl_http_place(const struct idl_member *method, const struct idl_field *parameter);
/* The one result that is the whole answer: a lone object, or a list (with nothing but "next" beside it). NULL: all
 * results are, as one object; but what is a cookie is in no body. */
const struct idl_field *idl_http_body(const struct idl_member *method);
/* The cursor beside a list, which goes into the Link header; NULL: none. */
const struct idl_field *idl_http_next(const struct idl_member *method);
/* Of the fields of a list from field on, the first that is no cookie; NULL: none. */
const struct idl_field *idl_http_said(const struct idl_field *field);
bool idl_http_has_cookie(const struct idl_type *list);
/* What a cookie of ours is called: its field's name comes after this. Browsers take such a name only over TLS, for this
 * host and the path "/". */
#define IDL_COOKIE_PREFIX "__Host-bulkhead-"
int idl_http_success(const struct idl_member *method); /* 200, 202 or 204 */
int idl_http_status(const char *error);                /* of an error of nas.error; 500 for others */
/* Does a list come whole when no limit is asked for? */
bool idl_http_gives_all(const struct idl_member *method);
/* What the items of a bare list are that the front end filters, sorts and cuts into pages; NULL: the method answers
 * something else, or gives nothing but pages of its own. */
const struct idl_type *idl_http_items(const struct idl_member *method);

/* A further route of a method (@also), as the route of a method that is like it in all but its name, which says where it
 * is ("CreateTransferFtp"), and that the field may be left out. */
struct idl_also {
        const struct idl_member *method;
        const char *field, *word; /* a list there has the items whose field has that word; NULL: all of them */
};
bool idl_also(struct arena *arena, const struct idl_member *method, size_t index, struct idl_also *ret_also);

/* Problems (RFC 9457): the end of their type, which programs tell them by. */
struct idl_http_problem {
        int status;
        const char *kind, *title, *next; /* next: what to do about it, when nobody knows better */
        bool contract;                   /* an error of nas.error has the same kind */
};
#define IDL_PROBLEM_BASE "/api/docs/errors#"                 /* their type is this and their kind */
extern const struct idl_http_problem idl_http_problems[];    /* ended by status 0 */
const struct idl_http_problem *idl_http_problem(int status); /* never NULL: the one for 500 for what is not listed */
/* NotFound: "not-found"; Confirmation: "confirmation-required". */
const char *idl_http_kind(struct arena *arena, const char *error);

#endif
