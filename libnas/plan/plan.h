/* A plan: the steps one request comes down to. Each step's undo follows from its operation. Building, encoding,
 * checking and digesting are pure functions; clerks build plans, hands and the users daemon read them.
 *
 * Layout (bytes.h integers): "bulkhead plan 1" NUL, hand (field), salt[16], u16 steps, then per step:
 * u16 operation, u8 values, values (fields).
 * There is one encoding of a plan and plan_decode refuses any other.
 * The digest is SHA-256 of the encoding. The salt keeps secrets in it from being guessed from the
 * digest: it is a keyed hash of the rest under a key that only this run of the clerk knows, so the
 * same request gives the same digest until the clerk restarts. */
#ifndef BULKHEAD_PLAN_PLAN_H
#define BULKHEAD_PLAN_PLAN_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/failure.h"
#include "plan/operation.h"
#include "ticket/ticket.h"
#include "value/value.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLAN_STEPS_MAX = 2048, PLAN_BYTES_MAX = 96 * 1024, PLAN_VALUES_MAX = 64, PLAN_SALT_BYTES = 16 };

struct value {
        const char *text; /* NUL-terminated */
        uint16_t length;
};

struct action { /* an operation with its values */
        uint16_t operation;
        uint8_t count;
        const struct value *values;
};

struct plan {
        const struct operations *operations;
        struct arena *arena; /* where steps are kept */
        uint8_t salt[PLAN_SALT_BYTES];
        uint16_t count, room;
        size_t bytes; /* of the encoding so far */
        struct action *steps;
};

struct plan *plan_new(struct arena *arena, const struct operations *operations);

/* Adds a step. The texts follow as const char *, one a parameter of the operation ("" for an empty
 * optional one; any number for a last "*" one), ended by NULL. Values are checked:
 * 0, or -1 with FAILURE_INVALID naming the parameter. */
int plan_step(struct plan *plan, struct failure *failure, unsigned operation, ...) __attribute__((sentinel));
/* The same with the values in an array. */
int plan_step_values(struct plan *plan, struct failure *failure, uint16_t operation, const char *const *texts,
                     size_t count);

/* Sets the salt from key (see above). Call once, when the plan is complete. */
void plan_seal(struct plan *plan, const uint8_t key[32]);

/* Encodes; the bytes are in the arena. Never fails for a plan made with plan_step. */
const uint8_t *plan_encode(const struct plan *plan, struct arena *arena, size_t *ret_length);
/* Decodes and checks everything: the layout, that the operations exist and are not OPERATION_ANSWERS,
 * the number and type of values. NULL with *failure set. */
struct plan *plan_decode(struct arena *arena, const void *bytes, size_t length, struct failure *failure);
/* For the hand's journal: the same without salt and with every secret empty, so that nothing in it can be
 * guessed from the digest; and reading that back. */
const uint8_t *plan_encode_blanked(const struct plan *plan, struct arena *arena, size_t *ret_length);
struct plan *plan_decode_blanked(struct arena *arena, const void *bytes, size_t length, struct failure *failure);
void plan_digest(const void *bytes, size_t length, uint8_t ret_digest[HASH_BYTES]);

/* Values of one action against its operation: counts and types. 0 or -1 with *failure. */
int action_check(const struct operations *operations, const struct action *action, struct failure *failure);
/* May it be asked for by the bearer of that ticket? 0 or -1 with *failure. */
int action_allowed(const struct operations *operations, const struct action *action, const struct ticket *ticket,
                   struct failure *failure);
/* One action in its layout (u16 operation, u8 values, values as fields). Reading copies to the arena and checks
 * nothing but the layout: false when that is wrong. */
void action_write(struct writer *writer, const struct action *action);
bool action_read(struct reader *reader, struct arena *arena, struct action *ret_action);
/* One that stands alone, as a hand is asked it: to the arena; 0, or -1 for what is not whole. */
const uint8_t *action_encode(const struct action *action, struct arena *arena, size_t *ret_length);
int action_decode(struct arena *arena, const void *bytes, size_t length, struct action *ret_action);
/* The undo that the policy gives an action; false when there is none. Values point into action's. */
bool action_undo(const struct operations *operations, const struct action *action, struct arena *arena,
                 struct action *ret_undo);
/* The value of a named parameter; NULL when the operation has none of that name. */
const struct value *action_value(const struct operation *operation, const struct action *action, const char *name);

/* The most that any step needs. */
enum proof plan_proof(const struct plan *plan);
enum role plan_role(const struct plan *plan);
bool plan_destroys(const struct plan *plan);
/* May a step run a program? Those that only write a file do not. */
bool plan_runs(const struct plan *plan);
/* A row of the clerk's own tables somewhere in it (ACT_TABLE); and nothing else. */
bool plan_has_table(const struct plan *plan);
bool plan_is_table(const struct plan *plan);
/* A step that the hand only lets happen (OPERATION_LETS). */
bool plan_lets(const struct plan *plan);
/* Nothing but steps that may be done between two steps of another plan (OPERATION_BETWEEN). */
bool plan_fits_between(const struct plan *plan);
/* A secret after a step that destroys: such a plan could not be finished after a crash, for journals hold none. */
bool plan_hides_after_destroying(const struct plan *plan);

/* For people. Secrets are shown as eight bullets. words: the operation's sentence with its values.
 * literal: exactly what runs ("/usr/sbin/useradd --uid=5001 -- alice"), values quoted where needed
 * and escaped. Both in the arena. */
const char *action_words(const struct operations *operations, const struct action *action, struct arena *arena);
const char *action_literal(const struct operations *operations, const struct action *action, struct arena *arena);

/* How a step is taken back, for people: its undo's literal, or "put back what was there" for a file. NULL: not. */
const char *action_undo_literal(const struct operations *operations, const struct action *action, struct arena *arena);
/* The argument vector of an ACT_RUN, program first, NULL last: what literal shows is made of the same. An argument
 * that is one "*" parameter alone becomes one argument a value. */
const char *const *action_args(const struct operation *operation, const struct action *action, bool mask,
                               struct arena *arena);

/* Parameter index of an operation as policies write it ("name:type", "name:type?", "name:type*"). */
struct param {
        const char *name; /* name_length bytes, not ended */
        size_t name_length;
        const struct value_type *type;
        bool optional, rest;
};
/* False past the last one. A policy with a wrong entry is our own fault: asserted. */
bool operation_param(const struct operation *operation, size_t index, struct param *ret_param);
/* What stands in an action's words for one parameter. */
const char *action_told(const struct operations *operations, const struct action *action, const struct param *param,
                        struct arena *arena);

/* Fills a template such as "{uid}:{name}" from values; the text is in the arena. Used for args, input,
 * path and lines. mask: secrets become bullets. Every "{word}" must be a parameter (checked by tests/arch). */
const char *template_fill(const char *template, const struct operation *operation, const struct action *action,
                          bool mask, struct arena *arena);
/* The lines of a file: a line with a "*" parameter is there once for each of its values. */
const char *template_lines(const struct operation *operation, const struct action *action, bool mask,
                           struct arena *arena);

#endif
