/* Which keys the disks of an encrypted pool have: asked of the disks themselves, when their keys are to be changed.
 * What is there tells also what was left over, as by a power cut in the middle of a change.
 * Rights: the storage clerk; asks its hand, and reads what cryptsetup says. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "json/json.h"
#include "value/tang.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MAX = 32 };

struct asking {
        luks_done *done;
        void *context;
        size_t waiting;
        struct luks_look *look;
};

struct one {
        struct asking *asking;
        struct arena *arena;
        size_t index;
};

static bool read_slot(const char *name, const struct json *slot, void *context)
{
        struct luks_slots *slots = context;
        char *end;
        const unsigned long number = strtoul(name, &end, 10);
        const struct json *kdf = json_member(slot, "kdf"), *type = kdf ? json_member(kdf, "type") : NULL;
        if (*end != '\0' || number >= SLOTS_MAX || !type || json_type_of(type) != JSON_TEXT)
                return true;
        *(number >= TANG_SLOT_FIRST                      ? &slots->sealed
          : strcmp(json_text(type, NULL), "pbkdf2") == 0 ? &slots->quick
                                                         : &slots->slow) |= UINT32_C(1) << number;
        return true;
}

bool luks_slots_read(const char *text, size_t length, struct luks_slots *ret_slots)
{
        ASSERT(text && ret_slots);
        struct luks_slots slots = {0};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct json *header = json_parse_in(arena, text, length, NULL);
        const struct json *keys =
                header && json_type_of(header) == JSON_OBJECT ? json_member(header, "keyslots") : NULL;
        if (!keys || json_type_of(keys) != JSON_OBJECT)
                return false;
        json_each(keys, read_slot, &slots);
        if ((slots.slow | slots.quick | slots.sealed) == 0)
                return false;
        *ret_slots = slots;
        return true;
}

static void answered(struct asking *asking)
{
        if (--asking->waiting > 0)
                return;
        asking->done(asking->look, asking->context);
        free(asking->look);
        free(asking);
}

static void on_answer(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct one *one = context;
        struct asking *asking = one->asking;
        if (!reply || reply->outcome != OUTCOME_SUCCESS ||
            !luks_slots_read(output, output_length, &asking->look->slots[one->index])) {
                log_warn("an encrypted disk does not say which keys it has: %s",
                         reply ? reply->failure.message : "nobody answered");
                asking->look->good = false;
        }
        arena_free(one->arena);
        answered(asking);
}

void luks_ask(const struct wanted *pool, luks_done *done, void *context)
{
        ASSERT(pool && done);
        struct asking *asking = mem_new(1, sizeof(*asking));
        *asking = (struct asking){.done = done, .context = context, .waiting = 1};
        asking->look = mem_new(1, sizeof(*asking->look) + pool->luks_count * sizeof(struct luks_slots));
        *asking->look = (struct luks_look){.good = pool->luks_count > 0, .count = pool->luks_count};
        for (size_t i = 0; i < pool->luks_count; i++) {
                struct arena *arena = arena_new();
                struct one *one = arena_alloc(arena, sizeof(*one));
                *one = (struct one){.asking = asking, .arena = arena, .index = i};
                asking->waiting++;
                look_ask(STORAGE_LUKS_LOOK, arena_text(arena, pool->luks[i], strlen(pool->luks[i])), arena, on_answer,
                         one);
        }
        answered(asking);
}
