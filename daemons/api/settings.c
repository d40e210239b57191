/* Settings: the environment that the unit passes, read once and strictly; what is wrong is told and nothing is guessed.
 * Rights: the front end, before its fences; reads the environment. */
#include "daemons/api/parts.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct api api;

enum { NAMES_MAX = 64, NAME_BYTES_MAX = 253, ANSWER_S = 30, ANSWER_S_MAX = 600 };

static const char *setting(const char *name, const char *otherwise)
{
        const char *value = getenv(name);
        return value != NULL && *value != '\0' ? value : otherwise;
}

static bool is_host(const char *text)
{
        size_t length = strlen(text);
        return length > 0 && length <= NAME_BYTES_MAX &&
               strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

/* "https://name" or "http://name", perhaps with a port, nothing behind. */
static bool is_origin(const char *text)
{
        const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                           : strncmp(text, "http://", 7) == 0 ? text + 7
                                                              : "";
        size_t length = strcspn(host, ":");
        const char *port = host + length;

        if (length == 0 || length > NAME_BYTES_MAX || strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != length)
                return false;
        return *port == '\0' ||
               (port[1] != '\0' && strlen(port) <= 6 && strspn(port + 1, "0123456789") + 1 == strlen(port));
}

/* Words separated by blanks or commas. NULL: one of them is wrong. */
static const char *const *read_names(struct arena *arena, const char *name, bool (*is_good)(const char *text),
                                     struct failure *failure)
{
        const char **names = arena_array(arena, NAMES_MAX + 1, sizeof(*names));
        const char *at = setting(name, "");
        size_t count = 0;

        for (at += strspn(at, " ,"); *at != '\0'; at += strspn(at, " ,")) {
                size_t length = strcspn(at, " ,");
                const char *word = arena_text(arena, at, length);
                if (count == NAMES_MAX || !is_good(word)) {
                        failure_set(failure, FAILURE_INVALID, name, "", "%s: \"%.200s\" is not what it must be", name,
                                    word);
                        return NULL;
                }
                names[count++] = word;
                at += length;
        }
        return names;
}

static int read_folder(struct arena *arena, const char *name, const char *otherwise, const char **ret_folder,
                       struct failure *failure)
{
        const char *value = setting(name, otherwise);

        if (*value != '/')
                return failure_set(failure, FAILURE_INVALID, name, "", "%s: must be an absolute path", name);
        *ret_folder = arena_text(arena, value, strlen(value));
        return 0;
}

int api_settings_read(struct arena *arena, struct api_settings *ret_settings, struct failure *failure)
{
        ASSERT(arena != NULL && ret_settings != NULL);
        struct api_settings settings = {.answer_s = ANSWER_S};
        int64_t seconds;

        settings.hosts = read_names(arena, "BULKHEAD_HOSTS", is_host, failure);
        settings.origins = read_names(arena, "BULKHEAD_ORIGINS", is_origin, failure);
        if (settings.hosts == NULL || settings.origins == NULL ||
            read_folder(arena, "BULKHEAD_CONTRACTS", "/usr/share/bulkhead/contracts", &settings.contracts, failure) <
                    0 ||
            read_folder(arena, "BULKHEAD_WEB", "/usr/share/bulkhead/web", &settings.web, failure) < 0 ||
            read_folder(arena, "BULKHEAD_SOCKETS", "/run/bulkhead", &settings.sockets, failure) < 0)
                return -1;
        char name[256] = "";
        if (gethostname(name, sizeof(name) - 1) == 0)
                settings.name = arena_text(arena, name, strlen(name));
        const char *answer = setting("BULKHEAD_ANSWER_SECONDS", "30");
        if (!value_integer(answer, &seconds) || seconds < 1 || seconds > ANSWER_S_MAX)
                return failure_set(failure, FAILURE_INVALID, "BULKHEAD_ANSWER_SECONDS", "",
                                   "BULKHEAD_ANSWER_SECONDS: must be 1 to %d", ANSWER_S_MAX);
        settings.answer_s = (unsigned)seconds;
        *ret_settings = settings;
        return 0;
}
