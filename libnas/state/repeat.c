/* Idempotency-Keys: the same key with the same request gets the same answer, and nothing is done twice. Kept in the
 * database and, because only this process writes them, in memory.
 *
 * What is stored says nothing: the key only as a hash, the request as a hash keyed with the key itself (so that a
 * password in it cannot be guessed by who reads the database), and no answer that holds a credential.
 * Rights: in clerks; works on memory and through db/. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LEAST = 16, KEY_MOST = 128 };

static const char *const state_words[] = {"running", "kept", "issued"};

static void hash_key(uint32_t subject, const char *key, char ret_hex[2 * HASH_BYTES + 1])
{
        struct crypto_hasher hasher;
        uint8_t hash[HASH_BYTES];
        char head[48];
        int length = snprintf(head, sizeof(head), "bulkhead repeat 1 %u ", subject);
        crypto_hash_begin(&hasher);
        crypto_hash_add(&hasher, head, (size_t)length);
        crypto_hash_add(&hasher, key, strlen(key));
        crypto_hash_end(&hasher, hash);
        text_hex(hash, sizeof(hash), ret_hex);
}

static void hash_request(const struct call *call, char ret_hex[2 * HASH_BYTES + 1])
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        const char *key = call_caller(call)->idempotency;
        uint8_t secret[HASH_BYTES], hash[HASH_BYTES];
        size_t length;
        crypto_sha256(key, strlen(key), secret);
        json_out_array(out);
        json_out_text(out, call_interface(call)->name);
        json_out_text(out, call_method(call)->name);
        json_out_value(out, call_parameters(call));
        json_out_array_end(out);
        const char *text = json_out_bytes(out, &length);
        crypto_keyed_hash(secret, text, length, hash);
        text_hex(hash, sizeof(hash), ret_hex);
        crypto_wipe(secret, sizeof(secret));
}

static struct repeat *find(const struct changes *changes, uint32_t subject, const char *key)
{
        for (size_t i = 0; i < CHANGES_REPEATS_MAX; i++) {
                struct repeat *repeat = changes->repeats[i];
                if (repeat && repeat->subject == subject && strcmp(repeat->key, key) == 0)
                        return repeat;
        }
        return NULL;
}

static struct repeat *find_plan(const struct run *run)
{
        struct repeat *const *repeats = run->changes->repeats;
        for (size_t i = 0; run->repeats && i < CHANGES_REPEATS_MAX; i++)
                if (repeats[i] && strcmp(repeats[i]->plan, run->row.plan) == 0)
                        return repeats[i];
        return NULL;
}

static void repeat_free(struct repeat *repeat)
{
        if (repeat)
                free(repeat->reply);
        free(repeat);
}

static void put(struct changes *changes, struct repeat *repeat)
{
        repeat_free(changes->repeats[changes->repeats_at]); /* the oldest makes room */
        changes->repeats[changes->repeats_at] = repeat;
        changes->repeats_at = (changes->repeats_at + 1) % CHANGES_REPEATS_MAX;
}

/* --- answering --- */

static void answer_again(struct call *call, const struct repeat *repeat, struct failure *failure)
{
        if (repeat->state == REPEAT_RUNNING) {
                failure_set(failure, FAILURE_BUSY, "", "Ask again in a moment.",
                            "This request is still being worked on.");
        } else if (repeat->state == REPEAT_ISSUED || !repeat->reply) {
                failure_set(failure, FAILURE_CONFLICT, "", "Look at what it made.",
                            "This request was done before; what it issued was shown that once.");
        } else {
                CLEANUP(json_out_freep) struct json_out *out = json_out_new();
                json_out_raw(out, repeat->reply, strlen(repeat->reply));
                call_reply(call, out);
                return;
        }
        call_fail(call, failure);
}

bool changes_repeated(struct changes *changes, struct call *call)
{
        ASSERT(changes && call);
        const struct caller *caller = call_caller(call);
        size_t length = strlen(caller->idempotency);
        struct failure failure = {0};
        char key[2 * HASH_BYTES + 1], request[2 * HASH_BYTES + 1];
        if (length == 0 || caller->dry_run || !(call_method(call)->flags & METHOD_CHANGES))
                return false;
        if (length < KEY_LEAST || length > KEY_MOST) {
                failure_set(&failure, FAILURE_INVALID, "caller.idempotency", "Use a random UUID.",
                            "must be %d to %d bytes long.", KEY_LEAST, KEY_MOST);
                call_fail(call, &failure);
                return true;
        }
        hash_key(call_who(call)->ticket.subject, caller->idempotency, key);
        const struct repeat *repeat = find(changes, call_who(call)->ticket.subject, key);
        if (!repeat)
                return false;
        hash_request(call, request);
        if (strcmp(repeat->request, request) == 0) {
                answer_again(call, repeat, &failure);
        } else {
                failure_set(&failure, FAILURE_CONFLICT, "caller.idempotency", "Use a new key for a new request.",
                            "was used for another request.");
                call_fail(call, &failure);
        }
        return true;
}

/* --- keeping --- */

static void drop(struct changes *changes, const char *plan)
{
        for (size_t i = 0; i < CHANGES_REPEATS_MAX; i++)
                if (changes->repeats[i] && strcmp(changes->repeats[i]->plan, plan) == 0) {
                        repeat_free(changes->repeats[i]);
                        changes->repeats[i] = NULL;
                }
}

void repeat_remember(struct run *run)
{
        ASSERT(run && run->call);
        if (*call_caller(run->call)->idempotency == '\0')
                return;
        struct repeat *repeat = mem_new(1, sizeof(*repeat));
        repeat->subject = call_who(run->call)->ticket.subject;
        hash_key(call_who(run->call)->ticket.subject, call_caller(run->call)->idempotency, repeat->key);
        hash_request(run->call, repeat->request);
        snprintf(repeat->plan, sizeof(repeat->plan), "%s", run->row.plan);
        put(run->changes, repeat);
        run->repeats = true;
}

void repeat_forget(const struct run *run)
{
        ASSERT(run);
        if (run->repeats)
                drop(run->changes, run->row.plan);
}

void repeat_begin(struct db_batch *batch, const struct run *run)
{
        const struct repeat *repeat = find_plan(run);
        char subject[16];
        if (!repeat)
                return;
        snprintf(subject, sizeof(subject), "%u", repeat->subject);
        db_add(batch, run->changes->parts.first_statement + REPEAT_BEGIN,
               (const char *[]){subject, repeat->key, repeat->request, repeat->plan});
}

void repeat_end(struct db_batch *batch, const struct run *run)
{
        size_t first = run->changes->parts.first_statement;
        bool issues = !run->change || run->change->issues; /* resumed: the answer is not known any more */
        if (!find_plan(run))
                return;
        if (run->outcome != OUTCOME_SUCCESS)
                db_add(batch, first + REPEAT_DROP, (const char *[]){run->row.plan});
        else
                db_add(batch, first + REPEAT_DONE,
                       (const char *[]){run->row.plan, issues ? NULL : run->answer, issues ? "issued" : "kept"});
}

void repeat_settle(const struct run *run)
{
        struct repeat *repeat = find_plan(run);
        if (!repeat)
                return;
        if (run->outcome != OUTCOME_SUCCESS) {
                repeat_forget(run); /* nothing was done: it may be tried again */
                return;
        }
        bool issues = !run->change || run->change->issues; /* resumed: the answer is not known any more */
        repeat->state = issues ? REPEAT_ISSUED : REPEAT_KEPT;
        if (!issues)
                repeat->reply = mem_copy_text(run->answer);
}

/* --- after a start --- */

static void load(struct changes *changes, const struct db_rows *rows, int at)
{
        struct repeat *repeat = mem_new(1, sizeof(*repeat));
        repeat->subject = (uint32_t)strtoul(db_value(rows, at, 0), NULL, 10);
        snprintf(repeat->key, sizeof(repeat->key), "%s", db_value(rows, at, 1));
        snprintf(repeat->request, sizeof(repeat->request), "%s", db_value(rows, at, 2));
        snprintf(repeat->plan, sizeof(repeat->plan), "%s", db_value(rows, at, 3));
        for (size_t i = 0; i < ARRAY_SIZE(state_words); i++)
                if (strcmp(state_words[i], db_value(rows, at, 5)) == 0)
                        repeat->state = (enum repeat_state)i;
        if (!db_is_null(rows, at, 4))
                repeat->reply = mem_copy_text(db_value(rows, at, 4));
        put(changes, repeat);
}

static void on_loaded(const struct db_done *done, void *context)
{
        struct changes *changes = context;
        if (done->status != DB_OK)
                return; /* read again when the database is back */
        for (int i = db_rows_count(done->rows[1]) - 1; i >= 0; i--)
                load(changes, done->rows[1], i);
        changes->repeats_known = true;
}

void repeats_load(struct changes *changes)
{
        struct db_batch *batch = db_batch_new(changes->parts.db);
        db_add(batch, changes->parts.first_statement + REPEAT_OLD, NULL);
        db_add(batch, changes->parts.first_statement + REPEAT_ALL, NULL);
        db_submit(batch, on_loaded, changes);
}
