/* What the database remembers, kept in memory too, so that reads go on when it is away: when accounts were made and
 * last used, open sessions, API keys. Nothing here lets anybody in: that is the hand's. */
#ifndef BULKHEAD_USERS_CLERK_TABLES_H
#define BULKHEAD_USERS_CLERK_TABLES_H

#include "base/clock.h"
#include "db/db.h"
#include "state/change.h"

#include <stdbool.h>
#include <stdint.h>

enum { LABEL_MAX = 64, SESSIONS_SHOWN = 4096, KEYS_SHOWN = 4096, SESSION_DAYS = 7 };

struct fact { /* about one account */
        uint32_t uid;
        const char *created, *last_login; /* "" unknown or never */
        bool totp;
};

struct session_entry {
        int64_t id;
        uint32_t uid;
        const char *name, *created, *address;
};

struct key_entry {
        int64_t id;
        uint32_t uid;
        char *label;                                 /* LABEL_MAX and its end */
        const char *name, *role, *created, *expires; /* expires: "" never */
        bool read_only, no_destroy;
        const char *const *networks;
        size_t network_count;
};

struct tables {
        struct arena *arena;
        struct fact *facts; /* sorted by uid */
        size_t fact_count;
        struct session_entry *sessions; /* newest first */
        size_t session_count;
        struct key_entry *keys; /* by number */
        size_t key_count;
        uint32_t last_number; /* the highest account or group number ever given; 0: none */
        int64_t last_key;
};

/* The clerk's own statements, after the change engine's. */
enum users_statement {
        TABLE_FACTS = CHANGE_STATEMENT_COUNT,
        TABLE_SESSIONS,
        TABLE_KEYS,
        TABLE_LAST,
        GROUP_MADE,
        NUMBER_GONE,
        ACCOUNT_MADE,
        TOTP_IS,
        SESSION_ADD,
        SESSION_ENDED,
        SESSIONS_ENDED,
        SESSIONS_ALL_ENDED,
        LOGIN_AT,
        KEY_WANTED,
        KEY_MADE,
        KEY_LABEL,
        KEY_REVOKED,
        KEYS_REVOKED,
        CHAIN_HEADS,
        CHECKPOINT_ADD,
        USERS_STATEMENT_END
};
extern const struct db_statement users_statements[];
extern const size_t users_statement_count;

/* NULL until they were read once. */
const struct tables *tables_now(void);
void tables_watch(void (*changed)(void)); /* told after each reading */
/* Reads them all again; done (NULL is fine) is called when it was tried. Those who ask meanwhile share the next one. */
void tables_load(loop_tick *done, void *context);
const struct fact *fact_of(const struct tables *tables, uint32_t uid);           /* NULL: none; tables may be NULL */
const struct session_entry *session_of(const struct tables *tables, int64_t id); /* the same */
const struct key_entry *key_of(const struct tables *tables, int64_t id);         /* the same */

/* What follows in the tables from a step that was carried out. */
void users_settle(struct db_batch *batch, const struct action *action);

/* The same in memory, for what is told often. False: the tables must be read again. */
bool users_mirror(const struct action *action);

/* Adds users statement (an enum users_statement) to a batch. */
void users_add(struct db_batch *batch, enum users_statement statement, const char *const *values);

#endif
