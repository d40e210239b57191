/* Inside daemons/api/: what its files have for each other. One request goes through them in this order. */
#ifndef BULKHEAD_API_PARTS_H
#define BULKHEAD_API_PARTS_H

#include "daemons/api/api.h"
#include "sys/folders.h"

/* --- settings.c --- Reads the environment; the texts are in arena. 0, or -1: which setting is wrong. */
int api_settings_read(struct arena *arena, struct api_settings *ret_settings, struct failure *failure);

/* --- contracts.c --- Is it one of this tree, not one that was dropped in? */
bool contract_is_own(const char *name);
/* The name of the module whose contract it is; NULL: of no module. */
const char *contract_module(const struct idl_contract *contract);
/* --- modules.c --- Those that are enabled: their contracts were read at the start. When others are, the process ends
 * in order and begins anew, which its sockets outlive. */
int modules_prepare(const struct folders *folders); /* before the fences; 0 or -errno */
void modules_look(void);
void api_lines_open(void); /* lines.c: what calls go through; once the loop is there */

void api_lines_close(void);

/* --- identity.c --- The certificate: found or made before the fences, shown, and looked at again. */
int identity_prepare(const struct folders *folders, struct failure *failure);
void identity_show(void); /* once there is a server */
void identity_look(void);

/* --- route.c --- Compiles api.methods; again after a change of them. */
void route_compile(void);
bool builtin_has(const char *path); /* could the front end answer it by itself? No contract may have it */

/* --- serve.c --- The service that the server calls. */
extern const struct http_service api_service;

/* --- guard.c --- Host, headers, CORS. false: it has answered. */
bool guard_admits(struct exchange *exchange);
void guard_headers(struct exchange *exchange, bool page);  /* what every answer carries */
bool guard_origin_is_own(const struct exchange *exchange); /* a page of ours asks; false without Origin */

/* --- who.c --- As who_asks, with a ticket or API key that does not stand in the field Authorization. */
void who_bears(struct exchange *exchange, struct http_text proof, who_known *known, void *context);

/* --- csrf.c --- What the cookie and the header say: who knows the session can tell, a page from elsewhere cannot. */
enum { CSRF_SIZE = 65 };
void csrf_of(struct http_text session, char ret_text[CSRF_SIZE]);

/* --- who_cache.c --- Tickets by what they were exchanged for. Pure; the time is given. */
struct who_cache;
struct who_cache *who_cache_new(void);
void who_cache_free(struct who_cache *cache);
/* The name of a proof in the cache; of an API key also from where it was used. Nobody who reads our memory later can
 * tell the proof. */
void who_cache_name(const struct who_cache *cache, struct http_text proof, const char *address,
                    uint8_t ret_name[HASH_BYTES]);
const char *who_cache_find(struct who_cache *cache, const uint8_t name[HASH_BYTES], uint64_t now_ms); /* NULL */
void who_cache_put(struct who_cache *cache, const uint8_t name[HASH_BYTES], const char *ticket, uint64_t until_ms);
void who_cache_drop(struct who_cache *cache, const uint8_t name[HASH_BYTES]);

/* --- tries.c --- Proofs that are not good, by where they came from. Pure; the time is given. */
enum { TRIES_FROM_SIZE = 9, TRIES_AT_ONCE = 20, TRIES_EACH_MS = 3000, TRIES_WRONG_MS = 10 * 1000 };
struct tries;
struct tries *tries_new(void);
void tries_free(struct tries *tries);
void tries_from(const char *address, uint8_t ret_from[TRIES_FROM_SIZE]);
/* Charges one try. 0, or it is one too many: so many seconds until there is one again. */
unsigned tries_charge(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE], uint64_t now_ms);
void tries_give_back(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE]); /* it was good */
void tries_was_wrong(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE], const uint8_t name[HASH_BYTES],
                     uint64_t now_ms);
/* Was it this, just now, that was not good? */
bool tries_is_wrong(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE], const uint8_t name[HASH_BYTES],
                    uint64_t now_ms);

/* --- request.c, values.c, body.c --- What was asked for. */
enum { QUERY_PAIRS_MAX = 64, BODY_DEPTH_MAX = JSON_DEPTH_MAX - 3, PARAMETERS_MAX = API_BODY_MAX - 4096 };
struct request {
        const struct route *route;
        const struct http_head *head;
        struct http_pair pairs[QUERY_PAIRS_MAX]; /* the whole query, decoded */
        unsigned pair_count;
        bool dry_run;
        struct list_wish *list; /* NULL: the list as it is */
};
/* Reads and judges the query. 0, or -1 with *failure: FAILURE_MALFORMED for what is not known or there twice,
 * FAILURE_INVALID for values. */
int request_read(struct arena *arena, const struct http_head *head, const struct route *route,
                 struct request *ret_request, struct failure *failure);
/* Writes the parameters' members, anew, into the object that is open. body: NULL without one. */
int request_write(struct arena *arena, const struct request *request, const struct json *body, struct json_out *out,
                  struct failure *failure);
/* One value of a path or query, typed by the contract. */
int value_write(struct json_out *out, const struct idl_field *field, const struct idl_type *type, const char *text,
                struct failure *failure);
bool value_integer(const char *text, int64_t *ret_number); /* strictly, and as JSON can carry it */
/* The document that was sent; NULL with FAILURE_MALFORMED. */
struct json *body_read(const char *bytes, size_t length, struct failure *failure);
bool request_has_body(const struct idl_member *method);
/* The one entity tag of If-Match without quotes, or "*"; NULL: none. -1: something else. */
int request_if_match(struct arena *arena, const struct http_head *head, const char **ret_version);

/* --- typed.c --- Is a value of its type, all the way down? 0, or -1 with FAILURE_INVALID: field is the way there. */
int typed_check(const struct idl_type *type, const struct json *value, struct failure *failure);
int typed_check_member(const struct idl_field *field, const struct json *value, struct failure *failure);

/* --- list.c, list_wish.c, list_filter.c, list_page.c --- Bare lists, filtered, sorted, cut. */
enum { LIST_FILTERS_MAX = 32, LIST_SORTS_MAX = 8, LIST_FIELDS_MAX = 64, LIST_LIMIT_MAX = 65536 };
struct list_wish;
/* Takes what is no parameter of the method. *ret_wish NULL: nothing was asked. 0 or -1 as request_read. */
int list_read(struct arena *arena, const struct idl_member *method, const struct http_pair *pairs, unsigned count,
              struct list_wish **ret_wish, struct failure *failure);
void list_wish_came_as(struct list_wish *wish, const struct http_pair *pairs, unsigned count); /* for links */
struct list_result {
        struct json_out *out; /* the list that is left; the caller's */
        size_t total;         /* items that the filters let through */
        const char *links;    /* value of Link; NULL: none. In the arena */
};
/* json: an array's text, as the daemon wrote it. 0, or -1: it is none. */
int list_apply(struct arena *arena, const struct list_wish *wish, const char *json, size_t length, const char *path,
               struct list_result *ret_result);
/* "path?query" with the pairs of a request, those named left out, and more (encoded; NULL) behind. */
const char *query_again(struct arena *arena, const char *path, const struct http_pair *pairs, unsigned count,
                        const char *const *without, const char *more);
const char *query_encode(struct arena *arena, const char *text);

/* --- ask.c --- One request for a method, from its route to the daemon and back. */
enum { ANSWER_NEXT, ANSWER_BODY, ANSWER_MEMBERS };
struct asking { /* in the exchange's arena; what exchange_own gives */
        struct exchange *exchange;
        struct route route;
        struct request request;
        struct bearer bearer;
        struct wire_ask *ask; /* NULL: none under way */
        struct fan *fan;      /* jobs.c; NULL */
        struct json_place members[ANSWER_MEMBERS];
};
void ask_serve(struct exchange *exchange, const struct route *route);

/* --- answer.c, cookies.c --- */
/* What is wanted of the answer besides all of it; the number of places that were named. */
size_t answer_members(const struct asking *asking, struct json_place places[ANSWER_MEMBERS]);
void answer_result(const struct asking *asking, const struct wire_answer *answer);
void cookies_set(struct exchange *exchange, const struct idl_member *method, const struct json *reply);
void cookies_clear_session(struct exchange *exchange);

/* --- problem.c --- */
struct problem {
        int status;
        const char *kind, *title; /* NULL: as the status has them */
        const char *detail, *next, *field, *message, *role;
        unsigned retry_s;
        const char *plan; /* JSON; NULL */
        size_t plan_length;
};
/* What a failure or a daemon's error comes to; role: as below. Its texts are the arena's, the failure's or the
 * answer's.
 */
struct problem problem_of_failure(struct arena *arena, const struct failure *failure);
struct problem problem_of_answer(struct arena *arena, const struct wire_answer *answer, const char *role);
/* One JSON object; request: the id that leads to the log. */
void problem_write(struct json_out *out, struct arena *arena, const struct problem *problem, const char *request);
void problem_tell(struct exchange *exchange, const struct problem *problem);
/* An error of a daemon; role: what the method asks for, told when it was denied; NULL: not known. */
void problem_of_method(struct exchange *exchange, const struct wire_answer *answer, const char *role);

/* --- jobs.c, jobs_join.c --- A method that every daemon serves for itself: asked of all, answered as one. */
struct fan;
/* missing: "a, b", the daemons that did not answer though others did; "". Told once, never from within jobs_ask. */
typedef void jobs_answered(const struct wire_answer *answer, const char *missing, void *context);
struct fan *jobs_ask(struct arena *arena, const struct api_method *method, const char *parameters, size_t length,
                     jobs_answered *answered, void *context);
void jobs_cancel(struct fan *fan);
/* All answers (in the order of api.lines) as one; asked: the parameters of the call. What is made is the arena's. */
struct wire_answer jobs_join(struct arena *arena, const struct api_method *method, const struct wire_answer *answers,
                             const char *asked, size_t asked_length);
bool jobs_is_missing(const struct wire_answer *answer); /* its daemon may have jobs and did not tell them */

/* --- documents.c, health.c, web.c --- true: the path was theirs, and they have answered. */
void documents_make(void); /* once the contracts are there */
bool documents_serve(struct exchange *exchange, struct http_text path);
bool health_serve(struct exchange *exchange, struct http_text path);
void ui_make(void);                       /* ui.c: the views, by role; once the contracts are there */
void ui_serve(struct exchange *exchange); /* GET /api/ui */
int web_open(void);                       /* before the fences; 0 or -errno */
bool web_serve(struct exchange *exchange, struct http_text path);

#endif
