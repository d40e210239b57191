/* What a reply says, found in its text: the front end passes the parameters on as the daemon wrote them.
 * Rights: the front end; none needed. */
#include "base/log.h"
#include "wire/line_parts.h"

#include <string.h>

/* "nas.error.NotFound" in its quotation marks: letters, digits and dots. */
static bool read_error(const struct json_place *place, char target[LINE_ERROR_SIZE])
{
        if (place->length < 3 || place->length - 2 >= LINE_ERROR_SIZE || place->value[0] != '"')
                return false;
        size_t length = place->length - 2;
        for (size_t i = 1; i <= length; i++) {
                char c = place->value[i];
                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'))
                        return false;
        }
        memcpy(target, place->value + 1, length);
        target[length] = '\0';
        return true;
}

static bool is_word(const struct json_place *place, const char *word)
{
        return place->length == strlen(word) && memcmp(place->value, word, place->length) == 0;
}

int line_reply_read(const char *bytes, size_t length, struct json_place *members, size_t count,
                    struct line_reply *ret_reply)
{
        ASSERT(bytes != NULL && (members != NULL || count == 0) && ret_reply != NULL);
        struct json_place places[] = {{.name = "error"},
                                      {.name = "parameters", .inside = members, .inside_count = count},
                                      {.name = "continues"}};
        const struct json_place *error = &places[0], *parameters = &places[1], *continues = &places[2];
        if (json_spans(bytes, length, places, 3) != 0)
                return -1;
        struct line_reply reply = {.error = "", .parameters = "{}", .length = 2};
        if (error->value != NULL && !read_error(error, reply.error))
                return -1;
        if (parameters->value != NULL && !is_word(parameters, "null")) {
                if (parameters->value[0] != '{')
                        return -1;
                reply.parameters = parameters->value;
                reply.length = parameters->length;
        }
        if (continues->value != NULL && !is_word(continues, "false")) {
                if (!is_word(continues, "true"))
                        return -1;
                reply.continues = reply.error[0] == '\0';
        }
        *ret_reply = reply;
        return 0;
}
