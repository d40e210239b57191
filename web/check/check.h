/* Views beside the contracts: every word, method, field, parameter and text that a view names must be there. A view is
 * walked by tables (shapes.c); what its names mean where they stand is a scope (scope.c). */
#ifndef BULKHEAD_WEB_CHECK_CHECK_H
#define BULKHEAD_WEB_CHECK_CHECK_H

#include "ipc/compiler/idl.h"
#include "json/json.h"

#include <stdio.h>

enum { VIEWS_MAX = 256, LANGUAGES_MAX = 32 };

struct language {
        const char *file;
        const struct json *texts, *contract;
};

struct checker {
        struct arena *arena;
        FILE *out; /* faults, a line each: FILE: PLACE: what is wrong, expected ... */
        const struct idl_contract *const *contracts;
        size_t contract_count;
        struct view {
                const char *file, *name;
                const struct json *json;
        } views[VIEWS_MAX];
        size_t view_count;
        struct language languages[LANGUAGES_MAX]; /* the first is the one that all others are held to */
        size_t language_count;
        const struct json *icons; /* an object with a member for each */
        const char *file;         /* of the view that is being looked at */
        bool whole;               /* these views are all there are for these contracts: each method is to be in one */
        unsigned faults;
        bool foreign; /* of a module: what has no text is shown by its name, and contracts have no translation */
};

/* What a name can mean, from the inside out. */
struct scope {
        const struct scope *up;
        const struct idl_type *item;       /* the fields of a row, a thing or an answer; NULL */
        const struct idl_member *method;   /* whose parameters a form asks for; NULL */
        const struct json *given;          /* "with" of the method */
        const char *address;               /* "pools/{name}"; NULL */
        const struct idl_contract *person; /* "me" is a User of this contract; NULL */
        bool page;                         /* "host" is the name by which the browser asked for it */
};

void view_fault(struct checker *checker, const char *place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
const char *place_in(struct checker *checker, const char *place, const char *name);
const char *place_at(struct checker *checker, const char *place, size_t index);

/* --- scope.c --- */
const struct idl_member *find_method(const struct checker *checker, const char *name);
const struct idl_member *find_type(const struct checker *checker, const char *name);
const struct idl_type *answer_of(const struct idl_member *method); /* of a GET: its body */
const struct idl_type *item_of(const struct idl_type *list);       /* NULL: no list */
/* The field at "work.percent"; NULL: there is none. */
const struct idl_field *field_at(const struct idl_type *type, const char *path);
/* What a path means here, from the inside out: its type, or a text for what an address holds. NULL: nothing. */
const struct idl_type *look_up(const struct scope *scope, const char *path);
bool address_has(const char *address, const char *name);

/* --- texts.c --- */
void check_languages(struct checker *checker);
void check_text(struct checker *checker, const char *place, const struct json *text);
void need_text(struct checker *checker, const char *place, const char *kind, const char *name);
void need_words(struct checker *checker, const char *place, const struct idl_type *type);
void need_doc(struct checker *checker, const char *place, const char *doc);

/* --- values.c --- */
void check_with(struct checker *checker, const struct json *value, const struct idl_member *method,
                const struct scope *scope, const char *place);
void check_template(struct checker *checker, const char *template, const struct scope *scope, const char *place);
void check_when(struct checker *checker, const struct json *value, const struct scope *scope, const char *place);
void check_tones(struct checker *checker, const struct json *value, const struct idl_type *type, const char *place);

/* --- shapes.c --- */
void check_view(struct checker *checker, const struct view *view);

/* --- reached.c --- */
void check_reached(struct checker *checker);

/* All of it; how many faults there are. */
unsigned check_all(struct checker *checker);

#endif
