/* The types remote_host, remote_place, receive_path and host_fingerprint: other machines that snapshots are sent to, or come
 * from. A shell on the
 * other side reads what is asked of it there, so a path has no character that any shell takes for more than itself.
 * Rights: every process; none needed. */
#include "value/remote.h"

#include "base/log.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool is_host(const char *text, size_t length)
{
        return value_is(&value_address, text, length) || shape_host(text, length) ||
               value_is(&value_machine_name, text, length) || (length == 9 && memcmp(text, "localhost", 9) == 0);
}

const struct value_type value_remote_host = {
        .name = "remote_host",
        .says = "an IPv4 or IPv6 address, or a name in small letters, digits, - and dots",
        .pattern = NULL,
        .example = "backup.example.org",
        .max_bytes = 253,
        .check = is_host,
};

static bool is_path(const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (text[i] == '/' && (i + 1 == length || !strchr(SHAPE_LETTERS SHAPE_DIGITS "_", text[i + 1])))
                        return false;
        return length > 1 && length < REMOTE_PATH_SIZE && text[0] == '/' &&
               shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_.-/");
}

static bool is_place(const char *text, size_t length)
{
        const char *colon = memchr(text, ':', length);
        const size_t name = colon ? (size_t)(colon - text) : 0;
        return name > 0 && name < REMOTE_NAME_SIZE && value_is(&value_schedule, text, name) &&
               is_path(colon + 1, length - name - 1);
}

const struct value_type value_remote_place = {
        .name = "remote_place",
        .says = "the name of another machine, :, and a path there of letters, digits, _, - and ., of which no part "
                "begins "
                "with - or .",
        .pattern = "^[a-z]([a-z0-9-]{0,18}[a-z0-9])?:(?=.{2,200}$)(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$",
        .example = "attic:/srv/backup/photos",
        .max_bytes = REMOTE_NAME_SIZE + REMOTE_PATH_SIZE - 1,
        .check = is_place,
};

/* In a pool, and below its top. */
static bool is_receive_path(const char *text, size_t length)
{
        static const char served[] = "/srv/";
        const size_t top = strlen(served);
        return length > top && memcmp(text, served, top) == 0 && is_path(text, length) &&
               memchr(text + top, '/', length - top);
}

const struct value_type value_receive_path = {
        .name = "receive_path",
        .says = "a folder in a pool: /srv/POOL/ and a path of letters, digits, _, - and ., of which no part begins "
                "with - "
                "or .",
        .pattern = "^(?=.{2,200}$)/srv/[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$",
        .example = "/srv/backup/photos",
        .max_bytes = REMOTE_PATH_SIZE - 1,
        .check = is_receive_path,
};

bool remote_split(const char *place, char ret_remote[REMOTE_NAME_SIZE], char ret_path[REMOTE_PATH_SIZE])
{
        ASSERT(place && ret_remote && ret_path);
        const size_t length = strlen(place);
        if (length == 0 || length > value_remote_place.max_bytes || !is_place(place, length))
                return false;
        const size_t name = strcspn(place, ":");
        memcpy(ret_remote, place, name);
        ret_remote[name] = '\0';
        memcpy(ret_path, place + name + 1, length - name);
        return true;
}

static bool is_fingerprint(const char *text, size_t length)
{
        return length == 50 && shape_begins(text, length, "SHA256:") &&
               shape_only(text + 7, length - 7, SHAPE_LETTERS SHAPE_DIGITS "+/");
}

const struct value_type value_host_fingerprint = {
        .name = "host_fingerprint",
        .says = "SHA256: and 43 characters, as ssh-keygen -l writes it",
        .pattern = "^SHA256:[A-Za-z0-9+/]{43}$",
        .example = "SHA256:0123456789abcdefghijABCDEFGHIJ+/456789abcde",
        .max_bytes = 50,
        .check = is_fingerprint,
};
