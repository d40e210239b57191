/* Servers in the network that help to open pools (Tang): which keys one says it has, by their thumbprints, so that a
 * person can tell whether it is theirs. Whether its keys for sealing are signed by one of those is looked at when
 * something is sealed, by who does that (clevis), and by the thumbprint that the person has confirmed before.
 * Rights: the storage clerk; its hand has a unit ask. */
#include "value/tang.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "json/json.h"
#include "value/shape.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBER_MAX = 256 };

/* One member of a key, which stands in the text that is hashed as it is; NULL: it has none, or no such. */
static const char *member(const struct json *key, const char *name)
{
        const struct json *value = json_member(key, name);
        size_t length;
        const char *text = value && json_type_of(value) == JSON_TEXT ? json_text(value, &length) : NULL;
        return text && length <= MEMBER_MAX && shape_only(text, length, SHAPE_BASE64) ? text : NULL;
}

static bool signs(const struct json *key)
{
        const struct json *uses = json_member(key, "key_ops");
        for (size_t i = 0; uses && json_type_of(uses) == JSON_ARRAY && i < json_length(uses); i++) {
                const struct json *use = json_item(uses, i);
                if (json_type_of(use) == JSON_TEXT && strcmp(json_text(use, NULL), "verify") == 0)
                        return true;
        }
        return false;
}

/* RFC 7638: the hash of what the key must have, in the order of the alphabet, without any blank. */
static const char *thumbprint(const struct json *key, struct arena *arena)
{
        const char *curve = member(key, "crv"), *x = member(key, "x"), *y = member(key, "y"),
                   *type = member(key, "kty");
        if (!curve || !x || !y || !type || strcmp(type, "EC") != 0 || !signs(key))
                return NULL;
        uint8_t hash[HASH_BYTES];
        char *print = arena_alloc(arena, TEXT_BASE64_SIZE(HASH_BYTES));
        const char *text =
                arena_printf(arena, "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", curve, x, y);
        crypto_sha256(text, strlen(text), hash);
        text_base64(hash, sizeof(hash), print);
        return print;
}

size_t tang_prints(const char *said, struct arena *arena, const char *ret_prints[TANG_PRINTS_MAX])
{
        ASSERT(said && arena && ret_prints);
        size_t count = 0, length;
        const struct json *whole = json_parse_in(arena, said, strlen(said), NULL);
        const struct json *payload = whole && json_type_of(whole) == JSON_OBJECT ? json_member(whole, "payload") : NULL;
        const char *coded = payload && json_type_of(payload) == JSON_TEXT ? json_text(payload, &length) : NULL;
        if (!coded)
                return 0;
        char *text = arena_alloc(arena, length + 1);
        const long used = text_unbase64(coded, length, text, length + 1);
        const struct json *set = used > 0 ? json_parse_in(arena, text, (size_t)used, NULL) : NULL;
        const struct json *keys = set && json_type_of(set) == JSON_OBJECT ? json_member(set, "keys") : NULL;
        for (size_t i = 0; keys && json_type_of(keys) == JSON_ARRAY && i < json_length(keys); i++) {
                const struct json *key = json_item(keys, i);
                const char *print = json_type_of(key) == JSON_OBJECT ? thumbprint(key, arena) : NULL;
                if (print && count < TANG_PRINTS_MAX)
                        ret_prints[count++] = print;
        }
        return count;
}

/* --- asking it: one at a time, for there is one place where it is written down --- */

static struct {
        struct arena *arena;
        tang_done *done;
        void *context;
} asking;

static void answered(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        CLEANUP(arena_freep) struct arena *arena = TAKE(asking.arena);
        const char *prints[TANG_PRINTS_MAX];
        const bool came = reply && reply->outcome == OUTCOME_SUCCESS;
        const char *said = came ? tang_said(arena) : NULL;
        (void)output;
        (void)output_length;
        (void)context;
        asking.done(prints, said ? tang_prints(said, arena, prints) : 0, asking.context);
}

int tang_ask(const char *url, tang_done *done, void *context, struct failure *failure)
{
        ASSERT(url && done);
        char unit[TANG_UNIT_SIZE];
        if (asking.arena)
                return failure_set(failure, FAILURE_CONFLICT, "url", "Try again in a moment.",
                                   "Another Tang server is being asked.");
        tang_unit(url, unit);
        asking.arena = arena_new();
        asking.done = done;
        asking.context = context;
        look_ask(STORAGE_TANG_LOOK, arena_text(asking.arena, unit, strlen(unit)), asking.arena, answered, NULL);
        return 0;
}
