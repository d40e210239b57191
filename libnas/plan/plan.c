/* Plans: building them, their one encoding, their digest, and what they need.
 * Rights: none; pure functions, in clerks and hands alike. */
#include "plan/plan.h"

#include "base/log.h"
#include "plan/check.h"

#include <stdarg.h>
#include <string.h>

#define PLAN_MAGIC "bulkhead plan 1" /* its NUL is part of the layout */

struct plan *plan_new(struct arena *arena, const struct operations *operations)
{
        ASSERT(arena && operations);
        struct plan *plan = arena_alloc(arena, sizeof(*plan));
        *plan = (struct plan){.operations = operations, .arena = arena};
        plan->bytes = sizeof(PLAN_MAGIC) + 2 + strlen(operations->hand) + PLAN_SALT_BYTES + 2;
        return plan;
}

static struct action *plan_room(struct plan *plan)
{
        if (plan->count == plan->room) {
                uint16_t room = plan->room ? (uint16_t)(plan->room * 2) : 8;
                struct action *steps = arena_array(plan->arena, room, sizeof(*steps));
                if (plan->count > 0)
                        memcpy(steps, plan->steps, plan->count * sizeof(*steps));
                plan->steps = steps;
                plan->room = room;
        }
        return &plan->steps[plan->count];
}

/* Takes a step whose values are already in the arena and checked. */
static int plan_take(struct plan *plan, const struct action *action, struct failure *failure)
{
        size_t bytes = 3;
        for (size_t i = 0; i < action->count; i++)
                bytes += 2u + action->values[i].length;
        if (plan->count >= PLAN_STEPS_MAX || plan->bytes + bytes > PLAN_BYTES_MAX)
                return failure_set(failure, FAILURE_INVALID, "", "do it in smaller portions",
                                   "is too much for one plan (at most %d steps and %d bytes)", PLAN_STEPS_MAX,
                                   PLAN_BYTES_MAX);
        *plan_room(plan) = *action;
        plan->count++;
        plan->bytes += bytes;
        return 0;
}

int plan_step_values(struct plan *plan, struct failure *failure, uint16_t operation, const char *const *texts,
                     size_t count)
{
        ASSERT(plan && operation < plan->operations->count && plan->operations->list[operation].name);
        ASSERT(!(plan->operations->list[operation].flags & OPERATION_ANSWERS) && (texts || count == 0));
        if (count > PLAN_VALUES_MAX)
                return failure_set(failure, FAILURE_INVALID, "", "", "has more than %d values", PLAN_VALUES_MAX);
        struct value *values = arena_array(plan->arena, count, sizeof(*values));
        for (size_t i = 0; i < count; i++) {
                size_t length = strlen(texts[i]);
                if (length > UINT16_MAX)
                        return failure_set(failure, FAILURE_INVALID, "", "", "has a value that is too long");
                values[i] =
                        (struct value){.text = arena_text(plan->arena, texts[i], length), .length = (uint16_t)length};
        }
        struct action action = {.operation = operation, .count = (uint8_t)count, .values = values};
        if (action_check(plan->operations, &action, failure) != 0)
                return -1;
        return plan_take(plan, &action, failure);
}

int plan_step(struct plan *plan, struct failure *failure, unsigned operation, ...)
{
        ASSERT(operation <= UINT16_MAX);
        const char *texts[PLAN_VALUES_MAX + 1];
        size_t count = 0;
        va_list args;
        va_start(args, operation);
        for (const char *text; count <= PLAN_VALUES_MAX && (text = va_arg(args, const char *)); count++)
                texts[count] = text;
        va_end(args);
        return plan_step_values(plan, failure, (uint16_t)operation, texts, count);
}

static const uint8_t *encode(const struct plan *plan, struct arena *arena, size_t *ret_length)
{
        uint8_t *bytes = arena_alloc(arena, plan->bytes);
        struct writer writer = writer_of(bytes, plan->bytes);
        writer_copy(&writer, PLAN_MAGIC, sizeof(PLAN_MAGIC));
        writer_field(&writer, plan->operations->hand, strlen(plan->operations->hand));
        writer_copy(&writer, plan->salt, sizeof(plan->salt));
        writer_u16(&writer, plan->count);
        for (size_t i = 0; i < plan->count; i++)
                action_write(&writer, &plan->steps[i]);
        ASSERT(!writer.bad);
        *ret_length = writer_length(&writer);
        return bytes;
}

void plan_seal(struct plan *plan, const uint8_t key[32])
{
        ASSERT(plan && key);
        uint8_t hash[HASH_BYTES];
        size_t length;
        memset(plan->salt, 0, sizeof(plan->salt));
        const uint8_t *bytes = encode(plan, plan->arena, &length);
        crypto_keyed_hash(key, bytes, length, hash);
        memcpy(plan->salt, hash, sizeof(plan->salt));
}

const uint8_t *plan_encode(const struct plan *plan, struct arena *arena, size_t *ret_length)
{
        ASSERT(plan && arena && ret_length);
        return encode(plan, arena, ret_length);
}

const uint8_t *plan_encode_blanked(const struct plan *plan, struct arena *arena, size_t *ret_length)
{
        ASSERT(plan && arena && ret_length);
        struct plan blanked = *plan;
        memset(blanked.salt, 0, sizeof(blanked.salt));
        blanked.steps = arena_array(arena, plan->count, sizeof(*blanked.steps));
        for (size_t s = 0; s < plan->count; s++) {
                const struct action *step = &plan->steps[s];
                struct value *values = arena_array(arena, step->count, sizeof(*values));
                struct param param = {0};
                for (size_t i = 0; i < step->count; i++) {
                        if (!param.rest)
                                operation_param(&plan->operations->list[step->operation], i, &param);
                        values[i] = param.type->secret ? (struct value){.text = ""} : step->values[i];
                }
                blanked.steps[s] =
                        (struct action){.operation = step->operation, .count = step->count, .values = values};
        }
        return encode(&blanked, arena, ret_length);
}

static struct plan *decode_head(struct reader *reader, struct arena *arena, uint16_t *ret_steps)
{
        char magic[sizeof(PLAN_MAGIC)];
        size_t length;
        reader_copy(reader, magic, sizeof(magic));
        const uint8_t *hand = reader_field(reader, &length);
        if (!hand || length > 32 || memcmp(magic, PLAN_MAGIC, sizeof(magic)) != 0)
                return NULL;
        const struct operations *operations = operations_of(arena_text(arena, (const char *)hand, length));
        if (!operations || strlen(operations->hand) != length)
                return NULL;
        struct plan *plan = plan_new(arena, operations);
        reader_copy(reader, plan->salt, sizeof(plan->salt));
        *ret_steps = reader_u16(reader);
        return reader->bad ? NULL : plan;
}

static struct plan *decode(struct arena *arena, const void *bytes, size_t length, bool blanked, struct failure *failure)
{
        struct reader reader = reader_of(bytes, length);
        uint16_t steps = 0;
        struct plan *plan = length <= PLAN_BYTES_MAX ? decode_head(&reader, arena, &steps) : NULL;
        for (size_t i = 0; plan && i < steps; i++) {
                struct action action;
                if (!action_read(&reader, arena, &action)) {
                        plan = NULL;
                        break;
                }
                if (action_check_blanked(plan->operations, &action, blanked, failure) != 0)
                        return NULL;
                if (plan->operations->list[action.operation].flags & OPERATION_ANSWERS)
                        plan = NULL;
                else if (plan_take(plan, &action, failure) != 0)
                        return NULL;
        }
        if (!plan || !reader_ended(&reader)) {
                failure_set(failure, FAILURE_INVALID, "plan", "", "is not a plan");
                return NULL;
        }
        return plan;
}

struct plan *plan_decode(struct arena *arena, const void *bytes, size_t length, struct failure *failure)
{
        ASSERT(arena && (bytes || length == 0));
        return decode(arena, bytes, length, false, failure);
}

struct plan *plan_decode_blanked(struct arena *arena, const void *bytes, size_t length, struct failure *failure)
{
        ASSERT(arena && (bytes || length == 0));
        return decode(arena, bytes, length, true, failure);
}

void plan_digest(const void *bytes, size_t length, uint8_t ret_digest[HASH_BYTES])
{
        ASSERT(bytes && ret_digest);
        crypto_sha256(bytes, length, ret_digest);
}

static const struct operation *step_operation(const struct plan *plan, size_t step)
{
        return &plan->operations->list[plan->steps[step].operation];
}

enum proof plan_proof(const struct plan *plan)
{
        ASSERT(plan);
        enum proof proof = PROOF_CLERK;
        for (size_t i = 0; i < plan->count; i++)
                if (step_operation(plan, i)->proof > proof)
                        proof = step_operation(plan, i)->proof;
        return proof;
}

enum role plan_role(const struct plan *plan)
{
        ASSERT(plan);
        enum role role = ROLE_NOBODY;
        for (size_t i = 0; i < plan->count; i++)
                if (step_operation(plan, i)->role > role)
                        role = step_operation(plan, i)->role;
        return role;
}

bool plan_destroys(const struct plan *plan)
{
        ASSERT(plan);
        for (size_t i = 0; i < plan->count; i++)
                if (step_operation(plan, i)->flags & OPERATION_DESTROYS)
                        return true;
        return false;
}

static size_t steps_that(const struct plan *plan, enum act act)
{
        size_t count = 0;
        for (size_t i = 0; i < plan->count; i++)
                count += step_operation(plan, i)->act == act;
        return count;
}

bool plan_runs(const struct plan *plan)
{
        ASSERT(plan);
        return steps_that(plan, ACT_RUN) + steps_that(plan, ACT_CALL) > 0;
}

bool plan_has_table(const struct plan *plan)
{
        ASSERT(plan);
        return steps_that(plan, ACT_TABLE) > 0;
}

bool plan_is_table(const struct plan *plan)
{
        ASSERT(plan);
        return plan->count > 0 && steps_that(plan, ACT_TABLE) == plan->count;
}

bool plan_lets(const struct plan *plan)
{
        ASSERT(plan);
        for (size_t i = 0; i < plan->count; i++)
                if (step_operation(plan, i)->flags & OPERATION_LETS)
                        return true;
        return false;
}

bool plan_fits_between(const struct plan *plan)
{
        ASSERT(plan);
        for (size_t i = 0; i < plan->count; i++)
                if (!(step_operation(plan, i)->flags & OPERATION_BETWEEN))
                        return false;
        return true;
}

bool plan_hides_after_destroying(const struct plan *plan)
{
        ASSERT(plan);
        bool destroyed = false;
        for (size_t i = 0; i < plan->count; i++) {
                struct param param;
                for (size_t p = 0; destroyed && operation_param(step_operation(plan, i), p, &param); p++)
                        if (param.type->secret)
                                return true;
                destroyed |= step_operation(plan, i)->flags & OPERATION_ONWARD;
        }
        return false;
}
