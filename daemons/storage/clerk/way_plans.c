/* In which ways an encrypted pool is opened: added, changed and taken away. What opens its disks is tried on each of
 * them before anything is changed, and another way is left whatever goes. What goes is told by its number on the disk,
 * so that it can be finished after a crash by who does not know it any more.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "value/tang.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One request, while the disks are asked. Its texts are the call's. */
struct request_of_way {
        struct call *call;
        const char *name, *passphrase, *fresh, *url, *thumbprint;
        enum nas_storage_unlock_way way;
        int (*plan)(struct change *change, const struct wanted *pool, const struct luks_look *look,
                    const struct request_of_way *request, struct failure *failure);
};

static int give(struct change *change, const struct wanted *pool, const char *place, const char *passphrase,
                struct failure *failure)
{
        return plan_step(change->plan, failure, STORAGE_KEY_GIVE, pool->name, pool->uuid, place, passphrase, NULL);
}

static int drop(struct change *change, const struct wanted *pool, const char *place, struct failure *failure)
{
        return plan_step(change->plan, failure, STORAGE_KEY_DROP, pool->name, pool->uuid, place, NULL);
}

/* That key opens all of them. */
static int check(struct change *change, const struct wanted *pool, const char *place, struct failure *failure)
{
        for (size_t i = 0; i < pool->luks_count; i++)
                if (plan_step(change->plan, failure, STORAGE_KEY_CHECK, pool->name, pool->uuid, place, pool->luks[i],
                              NULL) != 0)
                        return -1;
        return 0;
}

static int add(struct change *change, const struct wanted *pool, const char *by, const char *place,
               struct failure *failure)
{
        const uint16_t operation = strcmp(place, "kept") == 0 ? STORAGE_LUKS_KEY_ADD_KEPT : STORAGE_LUKS_KEY_ADD;
        for (size_t i = 0; i < pool->luks_count; i++)
                if (plan_step(change->plan, failure, operation, pool->name, pool->uuid, pool->luks[i], by, place,
                              NULL) != 0)
                        return -1;
        return 0;
}

enum { SLOW = 1 << 0, QUICK = 1 << 1, SEALED = 1 << 2 };

/* All that were there of these kinds; and what is sealed for no server of this machine's. */
static int take_away(struct change *change, const struct wanted *pool, const struct luks_look *look, unsigned kinds,
                     struct failure *failure)
{
        if (!pool->tang)
                kinds |= SEALED;
        for (size_t i = 0; i < look->count; i++) {
                const struct luks_slots *there = &look->slots[i];
                const uint32_t slots = ((kinds & SLOW) != 0 ? there->slow : 0) |
                                       ((kinds & QUICK) != 0 ? there->quick : 0) |
                                       ((kinds & SEALED) != 0 ? there->sealed : 0);
                for (unsigned slot = 0; slot < 32; slot++)
                        if ((slots >> slot & 1) != 0 &&
                            plan_step(change->plan, failure, STORAGE_LUKS_SLOT_KILL, pool->name, pool->luks[i],
                                      arena_printf(change->arena, "%u", slot), NULL) != 0)
                                return -1;
        }
        return 0;
}

static int want(struct change *change, const struct wanted *pool, bool kept, bool given, struct failure *failure)
{
        struct wanted other = *pool;
        other.kept = kept;
        other.given = given;
        return pool->kept == kept && pool->given == given ? 0 : plan_luks_want(change, &other, failure);
}

/* --- asking its disks first --- */

static void on_look(const struct luks_look *look, void *context)
{
        struct request_of_way *request = context;
        struct failure failure = {0};
        const struct wanted *pool = pool_find_encrypted(request->name, &failure);
        struct change *change = pool_change(request->name);
        int result = pool ? 0 : -1;
        if (pool && (!look->good || look->count != pool->luks_count))
                result = failure_set(&failure, FAILURE_CONFLICT, "name", "Plug all of them in, then try again.",
                                     "Not all disks of the pool %s are here, or can say which keys they have.",
                                     pool->name);
        if (result == 0)
                result = request->plan(change, pool, look, request, &failure);
        change->who = "those who unlock the pool";
        change->alone = true; /* else the key that another one adds at this moment would be one that nobody knows of */
        change->answer = pool_answer;
        storage_run(request->call, change, result, &failure);
        free(request);
}

static void ask(struct request_of_way asked)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find_encrypted(asked.name, &failure);
        if (!pool || work_refuse(pool->name, &failure) != 0) {
                storage_refuse(asked.call, &failure);
                return;
        }
        struct request_of_way *request = mem_new(1, sizeof(*request));
        *request = asked;
        luks_ask(pool, on_look, request);
}

/* --- a passphrase --- */

/* By the key that is kept, or by the passphrase that opened it until now, which goes then, with whatever else is there
 * that this machine does not keep. */
static int plan_passphrase(struct change *change, const struct wanted *pool, const struct luks_look *look,
                           const struct request_of_way *request, struct failure *failure)
{
        const char *by = request->passphrase ? "given" : "kept";
        if (!request->passphrase && !pool->kept)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Give that of the pool.", "is missing");
        if (request->passphrase && !pool->given)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Leave it out.",
                                   "opens nothing: it has none");
        if (request->passphrase && strcmp(request->passphrase, request->fresh) == 0)
                return failure_set(failure, FAILURE_INVALID, "new_passphrase", "Choose another.",
                                   "is the one that it has");
        /* What was added is taken back by the key itself, so it must not be one that the pool has already. */
        if (value_is(&value_uuid, request->fresh, strlen(request->fresh)))
                return failure_set(failure, FAILURE_INVALID, "new_passphrase", "Choose another.",
                                   "is what keys look like that machines keep");
        if ((request->passphrase && give(change, pool, by, request->passphrase, failure) != 0) ||
            check(change, pool, by, failure) != 0 || give(change, pool, "new", request->fresh, failure) != 0 ||
            add(change, pool, by, "new", failure) != 0 || want(change, pool, pool->kept, true, failure) != 0 ||
            take_away(change, pool, look, SLOW | (pool->kept ? 0 : QUICK), failure) != 0 ||
            (request->passphrase && drop(change, pool, by, failure) != 0))
                return -1;
        return drop(change, pool, "new", failure);
}

void nas_storage_set_passphrase(struct call *call, const struct nas_storage_set_passphrase_in *in)
{
        ask((struct request_of_way){.call = call,
                                    .name = in->name,
                                    .passphrase = in->passphrase,
                                    .fresh = in->new_passphrase,
                                    .plan = plan_passphrase});
}

/* --- a key that is kept --- */

/* What another machine kept goes: it opened it there. */
static int plan_keep(struct change *change, const struct wanted *pool, const struct luks_look *look,
                     const struct request_of_way *request, struct failure *failure)
{
        bool only = false; /* is the passphrase itself such a key, of another machine? */
        for (size_t i = 0; i < look->count; i++)
                only |= look->slots[i].slow == 0;
        if (pool->kept)
                return failure_set(failure, FAILURE_CONFLICT, "name", "", "This machine keeps a key of it already.");
        if (only)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Set a passphrase first.",
                                   "What opens the pool %s is a key that another machine made.", pool->name);
        if (give(change, pool, "given", request->passphrase, failure) != 0 ||
            check(change, pool, "given", failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_KEY_MAKE, pool->name, pool->uuid, NULL) != 0 ||
            add(change, pool, "given", "kept", failure) != 0 || want(change, pool, true, true, failure) != 0 ||
            take_away(change, pool, look, QUICK, failure) != 0)
                return -1;
        return drop(change, pool, "given", failure);
}

void nas_storage_keep_key(struct call *call, const struct nas_storage_keep_key_in *in)
{
        ask((struct request_of_way){.call = call, .name = in->name, .passphrase = in->passphrase, .plan = plan_keep});
}

/* --- a server in the network --- */

/* The same on all disks; 32: there is none. */
static unsigned free_slot(const struct luks_look *look)
{
        uint32_t taken = 0;
        for (size_t i = 0; i < look->count; i++)
                taken |= look->slots[i].sealed;
        for (unsigned slot = TANG_SLOT_FIRST; slot <= TANG_SLOT_LAST; slot++)
                if ((taken >> slot & 1) == 0)
                        return slot;
        return TANG_SLOT_LAST + 1;
}

static int tang_step(struct change *change, const struct wanted *pool, uint16_t operation, struct failure *failure)
{
        return plan_step(change->plan, failure, operation, pool->name, pool->uuid, NULL);
}

/* A new key is sealed, and opened again by the server, before any disk has it. What is to be opened is read again by
 * PID 1 on both sides of that, so that it is right also when all of this is undone. */
static int seal(struct change *change, const struct wanted *pool, const struct request_of_way *request,
                struct failure *failure)
{
        if (plan_step(change->plan, failure, STORAGE_KEY_CHANCE, pool->name, pool->uuid, "new", NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_TANG_WANT, pool->name, pool->uuid, request->url,
                      request->thumbprint, NULL) != 0 ||
            tang_step(change, pool, STORAGE_TANG_SEAL, failure) != 0 ||
            tang_step(change, pool, STORAGE_TANG_KEEP, failure) != 0)
                return -1;
        return tang_step(change, pool, STORAGE_TANG_OPEN, failure);
}

static int plan_tang(struct change *change, const struct wanted *pool, const struct luks_look *look,
                     const struct request_of_way *request, struct failure *failure)
{
        const char *by = request->passphrase ? "given" : "kept";
        const unsigned slot = free_slot(look);
        if (!request->passphrase && !pool->kept)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Give that of the pool.", "is missing");
        if (request->passphrase && !pool->given)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Leave it out.",
                                   "opens nothing: it has none");
        if (pool->tang)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Forget that way first (pools forget-way).",
                                   "The Tang server %s opens the pool %s already.", pool->tang, pool->name);
        if (slot > TANG_SLOT_LAST)
                return failure_set(failure, FAILURE_CONFLICT, "name",
                                   "Set its passphrase anew: that takes away old keys.",
                                   "The disks of the pool %s have no room for another key.", pool->name);
        if ((request->passphrase && give(change, pool, by, request->passphrase, failure) != 0) ||
            check(change, pool, by, failure) != 0 || seal(change, pool, request, failure) != 0)
                return -1;
        for (size_t i = 0; i < pool->luks_count; i++)
                if (plan_step(change->plan, failure, STORAGE_LUKS_KEY_ADD_SEALED, pool->name, pool->uuid, pool->luks[i],
                              by, "new", arena_printf(change->arena, "%u", slot), NULL) != 0)
                        return -1;
        if (plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            take_away(change, pool, look, SEALED, failure) != 0 ||
            (request->passphrase && drop(change, pool, by, failure) != 0))
                return -1;
        return drop(change, pool, "new", failure);
}

/* Is it who the person means? */
static int tang_judge(const char *const *prints, size_t count, const struct request_of_way *request,
                      struct failure *failure)
{
        char shown[TANG_PRINTS_MAX * 48] = "";
        for (size_t i = 0; i < count; i++) {
                if (request->thumbprint && strcmp(prints[i], request->thumbprint) == 0)
                        return 0;
                const size_t used = strlen(shown);
                snprintf(shown + used, sizeof(shown) - used, "%s%s", i > 0 ? ", " : "", prints[i]);
        }
        if (count == 0)
                return failure_set(
                        failure, FAILURE_CONFLICT, "url",
                        "Is it right, and does that server run? This machine needs clevis and curl to ask it.",
                        "No Tang server answers at %s.", request->url);
        if (!request->thumbprint)
                return failure_set(
                        failure, FAILURE_INVALID, "thumbprint",
                        "Compare that with what tang-show-keys says on the server; when it is the same, give it.",
                        "is missing; the server shows %s", shown);
        return failure_set(failure, FAILURE_INVALID, "thumbprint",
                           "Compare that with what tang-show-keys says on the server: it may be another one.",
                           "is not that of the server, which shows %s", shown);
}

static void on_prints(const char *const *prints, size_t count, void *context)
{
        struct request_of_way *request = context;
        struct failure failure = {0};
        if (tang_judge(prints, count, request, &failure) == 0)
                ask(*request);
        else
                storage_refuse(request->call, &failure);
        free(request);
}

void nas_storage_set_tang(struct call *call, const struct nas_storage_set_tang_in *in)
{
        struct failure failure = {0};
        if (!pool_find_encrypted(in->name, &failure)) {
                storage_refuse(call, &failure);
                return;
        }
        struct request_of_way *request = mem_new(1, sizeof(*request));
        *request = (struct request_of_way){.call = call,
                                           .name = in->name,
                                           .passphrase = in->passphrase,
                                           .url = in->url,
                                           .thumbprint = in->thumbprint,
                                           .plan = plan_tang};
        if (tang_ask(in->url, on_prints, request, &failure) == 0)
                return;
        storage_refuse(call, &failure);
        free(request);
}

int plan_tang_forget(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        if (!pool->tang)
                return 0;
        return tang_step(change, pool, STORAGE_TANG_FORGET, failure) == 0
                       ? tang_step(change, pool, STORAGE_TANG_UNSEAL, failure)
                       : -1;
}

/* Another way is there, for this one is never alone. */
static int plan_forget_tang(struct change *change, const struct wanted *pool, const struct luks_look *look,
                            struct failure *failure)
{
        if (!pool->tang)
                return failure_set(failure, FAILURE_NOT_FOUND, "way", "", "The pool %s is not opened so.", pool->name);
        if (plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            tang_step(change, pool, STORAGE_TANG_FORGET, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            tang_step(change, pool, STORAGE_TANG_STOP, failure) != 0 ||
            take_away(change, pool, look, SEALED, failure) != 0)
                return -1;
        return tang_step(change, pool, STORAGE_TANG_UNSEAL, failure);
}

/* --- away with one --- */

static int plan_forget_passphrase(struct change *change, const struct wanted *pool, const struct luks_look *look,
                                  struct failure *failure)
{
        if (check(change, pool, "kept", failure) != 0 || want(change, pool, true, false, failure) != 0)
                return -1;
        return take_away(change, pool, look, SLOW, failure);
}

static int plan_forget_key(struct change *change, const struct wanted *pool, const struct luks_look *look,
                           const char *passphrase, struct failure *failure)
{
        if (!passphrase)
                return failure_set(failure, FAILURE_INVALID, "passphrase", "Give that of the pool.", "is missing");
        if (give(change, pool, "given", passphrase, failure) != 0 || check(change, pool, "given", failure) != 0 ||
            want(change, pool, false, true, failure) != 0 || take_away(change, pool, look, QUICK, failure) != 0 ||
            plan_key_forget(change, pool, failure) != 0)
                return -1;
        return drop(change, pool, "given", failure);
}

static int plan_forget(struct change *change, const struct wanted *pool, const struct luks_look *look,
                       const struct request_of_way *request, struct failure *failure)
{
        const bool key = request->way == NAS_STORAGE_UNLOCK_WAY_KEY;
        if (request->way == NAS_STORAGE_UNLOCK_WAY_TANG)
                return plan_forget_tang(change, pool, look, failure);
        if (key ? !pool->kept : !pool->given)
                return failure_set(failure, FAILURE_NOT_FOUND, "way", "", "The pool %s is not opened so.", pool->name);
        if (!pool->kept || !pool->given)
                return failure_set(failure, FAILURE_CONFLICT, "way", "Add another one first.",
                                   "The pool %s has no other way to be opened.", pool->name);
        return key ? plan_forget_key(change, pool, look, request->passphrase, failure)
                   : plan_forget_passphrase(change, pool, look, failure);
}

void nas_storage_forget_way(struct call *call, const struct nas_storage_forget_way_in *in)
{
        ask((struct request_of_way){
                .call = call, .name = in->name, .passphrase = in->passphrase, .way = in->way, .plan = plan_forget});
}
