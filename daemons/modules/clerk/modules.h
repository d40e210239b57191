/* What the files of the modules clerk share. From outside in: what lies on the machine (known.c) is examined
 * (examine.c); of what is enabled and whole an interface is made (interface.c), which is served from what its program
 * published (state.c) and by what it does (program.c, action.c). */
#ifndef BULKHEAD_MODULES_CLERK_MODULES_H
#define BULKHEAD_MODULES_CLERK_MODULES_H

#include "ipc/compiler/shape_of.h"
#include "nas_modules.h"
#include "policy/modules_operations.h"
#include "serve/clerk.h"
#include "state/watch.h"
#include "sys/modules.h"

enum {
        MODULE_STATE_MAX = 256 * 1024,   /* bytes of what is published */
        MODULE_MESSAGE_MAX = 512 * 1024, /* bytes of one message of a program */
        MODULE_ASKS_MAX = 16,            /* actions that wait for one program */
        MODULE_ACT_MS = 10 * 1000        /* that it may take for one */
};

struct clerk modules_clerk(void);

struct topics {
        struct topic *list, *one;
};
extern struct topics topics; /* made once at start */

enum modules_statement { MODULES_STATES = CHANGE_STATEMENT_COUNT, MODULES_PUBLISH, MODULES_STATEMENT_END };
extern const struct db_statement modules_statements[];

/* --- machine.c: what this machine has by itself, read before the fences --- */

struct machine {
        struct arena *arena;
        const struct idl_contract *const *contracts;
        size_t contract_count;
};
int machine_prepare(void); /* 0 or -errno */
const struct machine *machine_now(void);
const struct idl_contract *machine_contract(const char *name); /* NULL */
/* Are the views of a module right, and their own? 0, or -1 with FAILURE_CONFLICT naming file and place. */
int views_judge(struct arena *arena, int folder, const char *path, const struct idl_contract *contract,
                struct failure *failure);

/* --- examine.c --- */

struct examined {                            /* all in the arena that was given */
        const char *name, *folder;           /* folder "": there is none */
        const struct idl_contract *contract; /* NULL: it is none */
        const char *text;                    /* of the contract */
        struct failure failure;              /* code FAILURE_NONE: it is whole */
};
struct examined examine(struct arena *arena, const char *name);

/* --- known.c: the modules that lie here --- */

struct known {
        struct arena *arena;
        struct examined examined;
        bool enabled;
        struct module *module; /* NULL: not enabled, or not whole */
};
enum { KNOWN_MAX = 2 * MODULES_MAX };
int known_prepare(void); /* before the fences */
void known_watch(void);
void known_refresh(void);                   /* all of them, at once */
const struct known *known_at(size_t index); /* by name; NULL past the last */
void known_fresh(void);                     /* unless that was within the last second */
/* NULL: there is none. What lies there was looked at within the last second. */
const struct known *known_named(const char *name);

/* --- interface.c: an enabled module, as it is served --- */

struct method {
        const struct idl_member *said;
        const struct shape *in, *out;
        struct topic *topic; /* of what is read; NULL */
        struct module *module;
};

struct published {
        char *state; /* JSON as its contract says, malloced; NULL: nothing yet */
        size_t length;
        int64_t at_us;
        bool unwritten, writing;
};

struct module { /* stays in memory as long as the clerk: calls may name its interface */
        struct module *next;
        struct arena *arena;
        const char *name, *text; /* of the contract */
        const struct idl_contract *contract;
        const struct shape *state;
        struct method *methods;
        struct wire_interface interface;
        bool enabled;
        struct published published;
        struct program *program;
};
/* The module of that examination, which is whole. The same as before when its contract is the same. */
struct module *module_begin(const struct examined *examined);
void module_end(struct module *module);                  /* taken off every surface */
struct module *module_each(const struct module *before); /* of all there ever were; NULL: the first, or past the last */
const struct wire_interface *const *modules_interfaces(void);
const struct method *method_of(const struct call *call);

/* --- state.c --- */

void states_load(void);  /* the database is there */
bool states_known(void); /* it was */
void states_write(void); /* each second: what is new */
void states_settle(struct db_batch *batch, const struct action *action);
/* What a program published, held to its contract. 0, or -1 with *failure. */
int state_publish(struct module *module, const struct json *state, struct failure *failure);
void state_drop(struct module *module);
void read_serve(const struct method *method, struct call *call);
void read_write(struct json_out *out, struct call *call, void *context); /* a topic_write; context is the method */
void reads_changed(const struct module *module);

/* --- action.c --- */

void action_serve(const struct method *method, struct call *call);

/* --- said.c: one message of a program. Pure. --- */

enum said_what { SAID_NONSENSE, SAID_COMMIT, SAID_DONE, SAID_REFUSED };
struct said {
        enum said_what what;
        struct json *value;          /* COMMIT, DONE: an object */
        const char *message, *field; /* REFUSED */
};
/* FAILURE_MALFORMED in *failure for nonsense. */
struct said said_read(struct arena *arena, const char *bytes, size_t length, struct failure *failure);

/* --- program.c: the line to a module's program --- */

/* reply: as its contract says, as text; NULL: *failure says why not. */
typedef void program_answered(const char *reply, const struct failure *failure, void *context);
struct program_ask { /* texts are kept until it is answered */
        const struct method *method;
        const char *action, *given, *caller, *role;
        program_answered *answered;
        void *context;
};
struct program *program_new(struct module *module);
void program_free(struct program *program);
/* Answered once, never from within. */
void program_act(struct program *program, const struct program_ask *ask);
void programs_begin(void); /* what is published is known: let them run */
enum nas_modules_module_status program_status(const struct program *program);
const char *program_fault(const struct program *program); /* NULL: none */

/* --- list.c --- */

void list_write(struct json_out *out, struct call *call, void *context);
void one_write(struct json_out *out, struct call *call, void *context);
void modules_tell(void); /* something that lists show has changed */

#endif
