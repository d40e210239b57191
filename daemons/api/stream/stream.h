/* Inside daemons/api/stream/: what its files have for each other.
 *
 * A client is a connection; its holder is the session or key whose tickets keep it open. A client has watches. All
 * watches of the same (method, parameters, person, role, scopes) belong to one topic, which asks its daemon once; those
 * that have the same id, too, are a group and get the same frames. */
#ifndef BULKHEAD_API_STREAM_STREAM_H
#define BULKHEAD_API_STREAM_STREAM_H

#include "daemons/api/parts.h"
#include "http/websocket.h"
#include "wire/wire.h"

enum {
        STREAM_CONNECTIONS_MAX = 12000,
        STREAM_WATCHES_MAX = 64,        /* of one connection */
        STREAM_CALLS_MAX = 16,          /* of one connection, open at a time */
        STREAM_MESSAGE_MS = 50,         /* 20 messages a second */
        STREAM_BURST = 100,             /* and so many at once */
        STREAM_BACKLOG_MAX = 64 * 1024, /* not taken by a client; beyond, it gets nothing but a fresh state later */
        STREAM_LINE_TOPICS_MAX = WIRE_FRONT_WATCHES_MAX, /* connections to one daemon that stay */
        STREAM_PERSON_TOPICS_MAX = 128,                  /* of them for one person */
        STREAM_WHOLE_MAX = 4 * 1024 * 1024,              /* bytes of one topic's state */
        STREAM_BYTES_MAX = 64 * 1024 * 1024,             /* of all topics' states */
        STREAM_PAST_MAX = 64,                            /* differences that a topic remembers for who comes back */
        STREAM_LINGER_MS = 5000,                         /* a topic without watchers stays so long */
        STREAM_STALE_MS = 1000,                          /* a daemon may be away so long before anybody is told */
        STREAM_LOOK_MS = 250,                            /* how often tickets are looked at again */
        STREAM_EARLY_MS = 2 * 60 * 1000,                 /* before a ticket expires a fresh one is asked for */
        STREAM_REFRESHING_MAX = 8,                       /* at a time */
        STREAM_SIGNED_OUT = 4401,                        /* close codes: no ticket any more */
        STREAM_TOO_MUCH = 1008,
};

/* --- message.c: what a client says. Pure --- */
enum message_kind { MESSAGE_WATCH = 1, MESSAGE_CALL = 2, MESSAGE_CANCEL = 4 };
struct message {
        enum message_kind kind;
        int64_t id;                /* -1: it has none */
        const char *method;        /* texts are the document's */
        const struct json *params; /* NULL: none */
        const char *version, *warrant, *idempotency, *if_match;
        bool dry_run;
};
/* 0, or -1 with *failure; ret_message->id is set all the same where there is one. */
int message_read(const struct json *document, struct message *ret_message, struct failure *failure);

/* --- canon.c: one spelling of a value: members in the order of the contract. Pure --- */
void canon_write(struct json_out *out, const struct idl_type *type, const struct json *value);
/* The members of a method's parameters, into the object that is open. 0, or -1: one is not known. */
int canon_parameters(struct json_out *out, const struct idl_member *method, const struct json *params,
                     struct failure *failure);
/* The whole that a daemon wrote, malloced, with NUL; NULL: it is not one. */
char *canon_whole(const struct idl_member *method, const char *text, size_t length, size_t *ret_length);

/* --- frame.c: messages to clients, made once for all who have the same id --- */
struct tail;                                          /* a message without its id */
struct tail *tail_new(const struct json_out *object); /* an object with at least one member */
void tail_free(struct tail *tail);
void tail_freep(struct tail **tail);
struct websocket_frame *tail_frame(struct tail *tail, int64_t id); /* less than 0: without an id */
size_t tail_length(const struct tail *tail);
struct tail *tail_problem(const struct problem *problem, const char *request);

/* --- holder.c: who is behind connections --- */
struct client;
struct holder {
        struct holder *next;    /* of the same bucket */
        struct client *clients; /* all that it keeps open */
        unsigned holders;       /* clients, and a refreshing */
        struct ticket ticket;   /* what the freshest says */
        char *text, *address;
        uint64_t again_ms; /* not to ask for a fresh one before */
};
struct holder *holder_get(const struct bearer *bearer, const char *address);
void holder_drop(struct holder *holder);
bool holder_holds(const struct holder *holder); /* is its ticket good at this moment? */
void holders_look(uint64_t now_ms);             /* closes the connections of who was signed out; refreshes */

/* --- client.c: one connection --- */
struct watch;
struct stream_call;
struct client {
        struct websocket *socket;
        struct holder *holder;
        struct client *next, **link; /* of the same holder */
        struct watch *watches;
        struct stream_call *calls;
        uint64_t paid_ms; /* until then its messages are paid for */
        uint8_t watch_count, call_count;
        bool closing;
        bool behind; /* something waits until it has room */
};
struct client *client_new(struct exchange *exchange, const char *protocol, const struct bearer *bearer);
void client_close(struct client *client, unsigned code, const char *words);
/* A message that must arrive; frees tail. id less than 0: none. */
void client_tell(struct client *client, int64_t id, struct tail *tail);
void client_fail(struct client *client, int64_t id, const struct failure *failure);
bool client_has_room(const struct client *client, size_t length);

/* --- method.c: which methods can be reached --- NULL with *failure: none of that name, or not in this way. */
const struct api_method *stream_method(const char *name, bool watch, struct failure *failure);

/* --- call.c --- */
void call_begin(struct client *client, const struct message *message);
bool call_cancel(struct client *client, int64_t id); /* false: there is none */
bool call_has(const struct client *client, int64_t id);
void calls_end(struct client *client);
void calls_resume(struct client *client); /* it has room again */

/* --- watch.c: who watches what --- */
enum watch_state { WATCH_NEW, WATCH_LIVE, WATCH_BEHIND };
struct group;
struct watch {
        struct client *client;
        struct watch *next; /* of the same client */
        struct group *group;
        char *since;    /* the version that it has from before; NULL */
        uint32_t index; /* in the group's list */
        uint8_t state;
};
void watch_begin(struct client *client, const struct message *message);
bool watch_cancel(struct client *client, int64_t id);
bool watch_has(const struct client *client, int64_t id);
void watches_end(struct client *client);
void watches_resume(struct client *client);
void watch_free(struct watch *watch); /* takes it out of its client and group */

/* --- group.c: watches of one topic with one id --- */
struct topic;
struct group {
        struct group *next;
        struct topic *topic;
        int64_t id;
        uint32_t count, size;
        struct watch **list;
        struct websocket_frame *states[2]; /* made for the state as it is, plain and as a resync; NULL */
};
struct group *group_get(struct topic *topic, int64_t id);
void group_add(struct group *group, struct watch *watch);
void group_remove(struct watch *watch); /* frees the group with its last */
void groups_forget_states(struct topic *topic);
/* To all who are up to date, or (everyone) to all; who has no room is behind after that. Frees tail. */
void groups_tell(struct topic *topic, struct tail *tail, bool everyone);

/* --- topic.c --- */
struct source;
struct past;
struct topic_key { /* all zero but for what is in it: compared as bytes */
        uint64_t session;
        uint32_t subject, scopes;
        uint32_t role, source;
};
struct topic {
        struct topic *next;
        const struct api_method *method;
        struct topic_key key;
        char *parameters; /* canonical, without caller */
        size_t parameters_length;
        struct group *groups;
        unsigned watchers;
        struct source *sources;
        unsigned source_count;
        char *whole; /* what the daemon answers, as last known; NULL: not yet */
        size_t whole_length;
        const char *body; /* the part of it that is REST's body */
        size_t body_length;
        char version[VERSION_TEXT_SIZE];
        struct past *past;
        bool stale;        /* its watchers were told that it is */
        uint64_t empty_ms; /* since when nobody watches */
};
/* The one, or a new one. NULL with *failure. */
struct topic *topic_get(const struct api_method *method, const struct holder *holder, const char *parameters,
                        size_t length, struct failure *failure);
void topic_took(struct topic *topic, char *whole, size_t length); /* as it is now; canonical, malloced; takes it */
void topic_fail(struct topic *topic, const struct wire_answer *answer); /* its watches end with this, and so does it */
void topics_look(uint64_t now_ms);
const struct holder *topic_holder(const struct topic *topic); /* of a watcher: whose ticket lasts longest; NULL */
unsigned topics_upstream(void);
bool topics_are_there(void);

/* --- tell.c: what a topic says to its watches --- */
void tell_watch(struct watch *watch); /* what it is to know, if anything, when there is room; else it is behind */
void tell_patch(struct topic *topic, const char *patch, size_t length);
void tell_stale(struct topic *topic, const struct wire_answer *answer); /* NULL: it is not any more */

/* --- past.c: what was changed, for who comes back --- */
void past_add(struct topic *topic, const char *from, const char *patch, size_t length);
/* Writes the changes since that version as one patch. false: not remembered. */
bool past_write(const struct topic *topic, const char *from, struct json_out *out);
void past_free(struct topic *topic);

/* --- source.c: a daemon that a topic asks, again and again --- */
void sources_open(struct topic *topic);
void sources_close(struct topic *topic);
void sources_look(struct topic *topic, uint64_t now_ms); /* asks again whoever was away; may free the topic */
/* How a daemon that is away said so, or did not, when it has been away long enough to be told; NULL: none is. */
const struct wire_answer *sources_stale(const struct topic *topic, uint64_t now_ms);

unsigned sources_count(const struct topic *topic); /* connections that it keeps */

/* --- stream.c --- */
void stream_count(int connections, int watches);

#endif
