/* What a client says: one JSON object, of one of three kinds, each with its members and no others.
 * Rights: the front end; memory only. Everything here comes from outside. */
#include "daemons/api/stream/stream.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

enum { TEXT_MAX = 512 };

struct reading {
        struct message message;
        struct failure *failure;
        bool wrong;
};

struct member {
        const char *name;
        enum json_kind type;
        unsigned kinds; /* of messages that may have it */
        void (*take)(struct reading *reading, const char *name, const struct json *value);
};

static void wrong(struct reading *reading, const char *name, const char *what)
{
        if (!reading->wrong)
                failure_set(reading->failure, FAILURE_INVALID, name, "See /api/docs, the stream.", "%s", what);
        reading->wrong = true;
}

/* --- one member each --- */

static void take_id(struct reading *reading, const char *name, const struct json *value)
{
        if (json_integer(value) >= 0)
                reading->message.id = json_integer(value);
        else
                wrong(reading, name, "must be an integer from 0");
}

static const char *text_of(struct reading *reading, const char *name, const struct json *value)
{
        size_t length;
        const char *text = json_text(value, &length);

        if (length == 0 || length > TEXT_MAX || !text_printable(text, length))
                wrong(reading, name, "must be a text of 1 to 512 bytes without control characters");
        return text;
}

static void take_method(struct reading *reading, const char *name, const struct json *value)
{
        reading->message.method = text_of(reading, name, value);
}

static void take_cancel(struct reading *reading, const char *name, const struct json *value)
{
        if (!json_boolean(value))
                wrong(reading, name, "must be true");
}

static void take_params(struct reading *reading, const char *name, const struct json *value)
{
        (void)name;
        reading->message.params = value;
}

static void take_version(struct reading *reading, const char *name, const struct json *value)
{
        uint8_t bytes[(VERSION_TEXT_SIZE - 1) / 2];
        size_t length;
        const char *text = json_text(value, &length);

        if (text_unhex(text, length, bytes, sizeof(bytes)) < 0)
                wrong(reading, name, "must be a version that the stream told");
        reading->message.version = text;
}

static void take_dry_run(struct reading *reading, const char *name, const struct json *value)
{
        (void)name;
        reading->message.dry_run = json_boolean(value);
}

static void take_warrant(struct reading *reading, const char *name, const struct json *value)
{
        reading->message.warrant = text_of(reading, name, value);
}

static void take_idempotency(struct reading *reading, const char *name, const struct json *value)
{
        reading->message.idempotency = text_of(reading, name, value);
}

static void take_if_match(struct reading *reading, const char *name, const struct json *value)
{
        reading->message.if_match = text_of(reading, name, value);
}

static const struct member members[] = {
        {"id", JSON_INTEGER, MESSAGE_WATCH | MESSAGE_CALL | MESSAGE_CANCEL, take_id},
        {"watch", JSON_TEXT, MESSAGE_WATCH, take_method},
        {"call", JSON_TEXT, MESSAGE_CALL, take_method},
        {"cancel", JSON_BOOLEAN, MESSAGE_CANCEL, take_cancel},
        {"params", JSON_OBJECT, MESSAGE_WATCH | MESSAGE_CALL, take_params},
        {"version", JSON_TEXT, MESSAGE_WATCH, take_version},
        {"dry_run", JSON_BOOLEAN, MESSAGE_CALL, take_dry_run},
        {"warrant", JSON_TEXT, MESSAGE_CALL, take_warrant},
        {"idempotency", JSON_TEXT, MESSAGE_CALL, take_idempotency},
        {"if_match", JSON_TEXT, MESSAGE_CALL, take_if_match},
};

/* --- the message --- */

static bool read_member(const char *name, const struct json *value, void *context)
{
        struct reading *reading = context;
        const struct member *member = members;

        while (member < members + ARRAY_SIZE(members) && strcmp(member->name, name) != 0)
                member++;
        if (member == members + ARRAY_SIZE(members) || (member->kinds & reading->message.kind) == 0) {
                char shown[sizeof(reading->failure->field)];
                text_escape(name, strlen(name), shown, sizeof(shown));
                wrong(reading, shown, "is not known in this message");
        } else if (json_type_of(value) != member->type) {
                wrong(reading, name, "is of another type");
        } else {
                member->take(reading, name, value);
        }
        return true;
}

/* 0: none, or several. */
static enum message_kind kind_of(const struct json *document)
{
        bool watch = json_has(document, "watch"), call = json_has(document, "call"),
             cancel = json_has(document, "cancel");

        if (watch + call + cancel != 1)
                return (enum message_kind)0;
        return watch ? MESSAGE_WATCH : call ? MESSAGE_CALL : MESSAGE_CANCEL;
}

int message_read(const struct json *document, struct message *ret_message, struct failure *failure)
{
        ASSERT(ret_message != NULL && failure != NULL);
        struct reading reading = {.message = {.id = -1}, .failure = failure};
        const struct json *id = json_type_of(document) == JSON_OBJECT ? json_member(document, "id") : NULL;

        if (json_type_of(id) == JSON_INTEGER && json_integer(id) >= 0)
                reading.message.id = json_integer(id);
        *ret_message = reading.message;
        if (json_type_of(document) != JSON_OBJECT)
                return failure_set(failure, FAILURE_MALFORMED, "", "Send a JSON object.",
                                   "The message is %s, not an object.", json_type_name(json_type_of(document)));
        reading.message.kind = kind_of(document);
        if (reading.message.kind == 0)
                return failure_set(failure, FAILURE_MALFORMED, "", "See /api/docs, the stream.",
                                   "A message has one of watch, call and cancel.");
        json_each(document, read_member, &reading);
        if (!reading.wrong && reading.message.id < 0)
                wrong(&reading, "id", "must be an integer from 0");
        *ret_message = reading.message;
        return reading.wrong ? -1 : 0;
}
