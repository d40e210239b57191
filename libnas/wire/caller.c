/* The member "caller" that every method takes beyond its contract.
 * Rights: clerks and the front end; none needed. */
#include "base/crypto.h"
#include "base/text.h"
#include "wire/parts.h"

#include <string.h>

enum { TEXT_MAX = 512, UUID_DIGITS = 36 };

struct reading {
        struct arena *arena;
        struct caller *caller;
        const char *wrong;
};

/* Where a text member goes; NULL: there is no such member. */
static const char **slot(struct caller *caller, const char *name)
{
        const struct {
                const char *name;
                const char **slot;
        } slots[] = {{"ticket", &caller->ticket},           {"warrant", &caller->warrant},
                     {"request", &caller->request},         {"address", &caller->address},
                     {"idempotency", &caller->idempotency}, {"if_match", &caller->if_match}};
        for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
                if (strcmp(slots[i].name, name) == 0)
                        return slots[i].slot;
        return NULL;
}

static bool is_uuid(const char *text, size_t length)
{
        if (length != UUID_DIGITS)
                return false;
        for (size_t i = 0; i < length; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
                if (dash ? text[i] != '-' : !digit)
                        return false;
        }
        return true;
}

static bool read_member(const char *name, const struct json *value, void *context)
{
        struct reading *reading = context;
        if (value == NULL) /* null is as good as absent */
                return true;
        if (strcmp(name, "dry_run") == 0 && json_type_of(value) == JSON_BOOLEAN) {
                reading->caller->dry_run = json_boolean(value);
                return true;
        }
        const char **target = slot(reading->caller, name);
        size_t length = 0;
        const char *text = json_type_of(value) == JSON_TEXT ? json_text(value, &length) : NULL;
        if (target == NULL || text == NULL || length > TEXT_MAX ||
            (strcmp(name, "request") == 0 && length != 0 && !is_uuid(text, length))) {
                reading->wrong = arena_text(reading->arena, name, strlen(name));
                return false;
        }
        *target = text;
        return true;
}

/* A random (version 4) UUID: a request id for those that brought none. */
static const char *make_uuid(struct arena *arena)
{
        uint8_t bytes[16];
        crypto_random(bytes, sizeof bytes);
        bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
        char *text = arena_alloc(arena, UUID_DIGITS + 1), *to = text;
        for (size_t i = 0; i < sizeof bytes; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *to++ = '-';
                *to++ = "0123456789abcdef"[bytes[i] >> 4];
                *to++ = "0123456789abcdef"[bytes[i] & 15];
        }
        return text;
}

int caller_read(struct arena *arena, const struct json *value, struct caller *ret_caller, const char **ret_wrong)
{
        struct caller caller = {
                .ticket = "", .warrant = "", .request = "", .address = "", .idempotency = "", .if_match = ""};
        struct reading reading = {.arena = arena, .caller = &caller};
        if (value != NULL && json_type_of(value) != JSON_OBJECT)
                reading.wrong = "";
        else
                json_each(value, read_member, &reading);
        if (reading.wrong != NULL) {
                *ret_wrong = reading.wrong;
                return -1;
        }
        if (*caller.request == '\0')
                caller.request = make_uuid(arena);
        *ret_caller = caller;
        return 0;
}
