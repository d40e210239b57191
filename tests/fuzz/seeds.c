/* Writes honest inputs for fuzzers into FOLDER/WHAT, where none would get by itself: every operation of every hand in a
 * plan, every kind of record, tickets, warrants, the trust file, every value type. Made anew for each run, beside what
 * tests/fuzz/corpus keeps, so that what was added yesterday is among them.
 *     fuzz-seeds FOLDER
 * Rights: a host program; writes below FOLDER. */
#include "base/arena.h"
#include "base/mem.h"
#include "plan/plan.h"
#include "plan/record.h"
#include "ticket/checkpoint.h"
#include "ticket/ticket.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *folder;

static void seed(const char *what, const char *name, const void *bytes, size_t length)
{
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", folder, what);
        (void)mkdir(path, 0755);
        (void)snprintf(path, sizeof path, "%s/%s/%s", folder, what, name);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
                perror(path);
                exit(1);
        }
}

static void values(struct arena *arena)
{
        const struct value_type *type;
        for (size_t i = 0; (type = value_type_at(i)) != NULL; i++) {
                const char *text = arena_printf(arena, "%s\n%s", type->name, type->example);
                seed("value", type->name, text, strlen(text));
        }
}

static size_t examples(const struct operation *operation, const char **texts)
{
        struct param param;
        size_t count = 0;
        for (size_t i = 0; operation_param(operation, i, &param); i++) {
                texts[count++] = param.type->example;
                if (param.rest)
                        texts[count++] = param.type->example;
        }
        return count;
}

static void request(struct arena *arena, const char *name, enum record_kind kind, const uint8_t *plan, size_t length)
{
        struct request request = {.kind = kind, .id = {1, 2, 3}, .ticket = "", .warrant = ""};
        if (kind == RECORD_EXECUTE || kind == RECORD_ASK) {
                request.ticket = value_ticket.example;
                request.plan = plan;
                request.plan_length = length;
        }
        size_t encoded_length;
        const uint8_t *encoded = request_encode(&request, arena, &encoded_length);
        seed("record", name, encoded, encoded_length);
}

/* As fuzz_journal.c takes it: the blanked plan behind its length, then kind, step and value of each record. */
static void journal(struct arena *arena, const char *name, const struct plan *plan)
{
        static const uint8_t records[] = {1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 5, 0, 2};
        size_t length;
        const uint8_t *blanked = plan_encode_blanked(plan, arena, &length);
        uint8_t *bytes = arena_alloc(arena, 2 + length + sizeof records);
        bytes[0] = (uint8_t)(length >> 8);
        bytes[1] = (uint8_t)length;
        memcpy(bytes + 2, blanked, length);
        memcpy(bytes + 2 + length, records, sizeof records);
        seed("journal", name, bytes, 2 + length + sizeof records);
}

static void operation(struct arena *arena, const struct operations *operations, uint16_t number)
{
        const struct operation *entry = &operations->list[number];
        const char *texts[PLAN_VALUES_MAX];
        struct value of[PLAN_VALUES_MAX];
        if (entry->name == NULL)
                return;
        size_t count = examples(entry, texts), length;
        for (size_t i = 0; i < count; i++)
                of[i] = (struct value){texts[i], (uint16_t)strlen(texts[i])};
        struct action action = {number, (uint8_t)count, of};
        const char *name = arena_printf(arena, "%s-%s", operations->hand, entry->name);
        const uint8_t *encoded = action_encode(&action, arena, &length);
        seed("record", arena_printf(arena, "action-%s", name), encoded, length);
        if ((entry->flags & OPERATION_ANSWERS) != 0) {
                request(arena, arena_printf(arena, "ask-%s", name), RECORD_ASK, encoded, length);
                return;
        }
        struct plan *plan = plan_new(arena, operations);
        struct failure failure;
        if (plan_step_values(plan, &failure, number, texts, count) != 0) {
                fprintf(stderr, "%s: %s %s\n", entry->name, failure.field, failure.message);
                exit(1);
        }
        plan_seal(plan, (const uint8_t[32]){7});
        encoded = plan_encode(plan, arena, &length);
        seed("plan", name, encoded, length);
        request(arena, arena_printf(arena, "execute-%s", name), RECORD_EXECUTE, encoded, length);
        journal(arena, name, plan);
}

static void replies(struct arena *arena)
{
        struct reply reply = {.kind = REPLY_PROGRESS, .step = 1, .steps = 3};
        size_t length;
        const uint8_t *encoded = reply_encode(&reply, arena, &length);
        seed("record", "reply-progress", encoded, length);
        reply = (struct reply){.kind = REPLY_DONE, .step = 3, .steps = 3, .outcome = OUTCOME_SUCCESS};
        reply.answer = (const uint8_t *)"answer";
        reply.answer_length = 6;
        encoded = reply_encode(&reply, arena, &length);
        seed("record", "reply-success", encoded, length);
        reply = (struct reply){.kind = REPLY_DONE, .step = 2, .steps = 3, .outcome = OUTCOME_FAILED};
        (void)failure_set(&reply.failure, FAILURE_FAILED, "name", "try again", "is taken");
        encoded = reply_encode(&reply, arena, &length);
        seed("record", "reply-failed", encoded, length);
}

static void tickets(void)
{
        uint8_t bytes[512];
        struct ticket ticket = {.key_id = 5,
                                .subject = 20001,
                                .name = "alice",
                                .role = ROLE_OPERATOR,
                                .source = SOURCE_SESSION,
                                .session = 7,
                                .not_after_ms = 1000};
        seed("ticket", "ticket", bytes, ticket_encode(&ticket, bytes, sizeof bytes));
        struct warrant warrant = {.key_id = 5, .subject = 20001, .session = 7, .not_after_ms = 1000};
        seed("ticket", "warrant", bytes, warrant_encode(&warrant, bytes, sizeof bytes));
        struct checkpoint checkpoint = {.chain = "users", .number = 7, .at_s = 1000, .key_id = 1};
        seed("ticket", "checkpoint", bytes, checkpoint_write(&checkpoint, bytes));
        struct trust_epoch epochs[] = {{20001, 1}, {20002, 7}};
        struct trust_ended ended[] = {{3, 1000}, {9, 2000}};
        struct trust_content content = {.generation = 3,
                                        .key_count = 2,
                                        .epoch_count = 2,
                                        .ended_count = 2,
                                        .keys = {{.id = 1, .not_after_ms = 9}, {.id = 2}},
                                        .epochs = epochs,
                                        .ended = ended};
        size_t length;
        uint8_t *whole = trust_write(&content, &length);
        seed("trust", "whole", whole, length);
        seed("trust", "bare", whole, length - HASH_BYTES); /* the fuzzer puts the hash on */
        free(whole);
}

int main(int argc, char **argv)
{
        if (argc != 2)
                return 2;
        folder = argv[1];
        (void)mkdir(folder, 0755);
        crypto_start();
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        values(arena);
        for (size_t list = 0; operation_lists[list] != NULL; list++)
                for (uint16_t i = 0; i < operation_lists[list]->count; i++)
                        operation(arena, operation_lists[list], i);
        request(arena, "abort", RECORD_ABORT, NULL, 0);
        request(arena, "lookup", RECORD_LOOKUP, NULL, 0);
        request(arena, "forget", RECORD_FORGET, NULL, 0);
        replies(arena);
        tickets();
        return 0;
}
