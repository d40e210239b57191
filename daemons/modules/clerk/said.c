/* One message of a module's program: hostile bytes.
 * Rights: the modules clerk; pure. */
#include "daemons/modules/clerk/modules.h"

#include "base/log.h"
#include "base/text.h"

#include <string.h>

enum { MESSAGE_MAX = 300, FIELD_MAX = 60 };

static struct said nonsense(struct failure *failure, const char *why)
{
        failure_set(failure, FAILURE_MALFORMED, "", "", "it says %s", why);
        return (struct said){.what = SAID_NONSENSE};
}

static struct said read_refusal(struct arena *arena, const struct json *message, struct failure *failure)
{
        const struct json *why = json_member(message, "refused"), *field = json_member(message, "field");
        size_t length = 0, field_length = 0;
        const char *text = json_type_of(why) == JSON_TEXT ? json_text(why, &length) : "";
        const char *name = json_type_of(field) == JSON_TEXT ? json_text(field, &field_length) : "";
        if (length == 0 || length > MESSAGE_MAX || !text_printable(text, length) || field_length > FIELD_MAX ||
            !text_printable(name, field_length) || json_length(message) != (field ? 2U : 1U))
                return nonsense(failure, "\"refused\" without a text of 1 to 300 bytes");
        return (struct said){.what = SAID_REFUSED,
                             .message = arena_text(arena, text, length),
                             .field = arena_text(arena, name, field_length)};
}

struct said said_read(struct arena *arena, const char *bytes, size_t length, struct failure *failure)
{
        ASSERT(arena && bytes && failure);
        struct failure malformed = {0};
        struct json *message = json_parse_in(arena, bytes, length, &malformed);
        if (!message)
                return nonsense(failure, arena_printf(arena, "what is no JSON: %s", malformed.message));
        if (json_type_of(message) != JSON_OBJECT)
                return nonsense(failure, "no object");
        if (json_has(message, "refused"))
                return read_refusal(arena, message, failure);
        bool commit = json_has(message, "commit");
        struct json *value = json_length(message) == 1 ? json_take(message, commit ? "commit" : "done") : NULL;
        if (!value || json_type_of(value) != JSON_OBJECT)
                return nonsense(failure,
                                "neither {\"commit\": {...}} nor {\"done\": {...}} nor {\"refused\": \"...\"}");
        return (struct said){.what = commit ? SAID_COMMIT : SAID_DONE, .value = value};
}
