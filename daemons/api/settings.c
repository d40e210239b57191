/* Settings: the file that all daemons share, and folders that tests may put elsewhere. What is wrong is told.
 * Rights: the front end, before its fences; reads /etc/bulkhead/bulkhead.conf and the environment. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "sys/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct api api;

static int read_folder(struct arena *arena, const char *name, const char *otherwise, const char **ret_folder,
                       struct failure *failure)
{
        const char *value = getenv(name);

        if (value == NULL || *value == '\0')
                value = otherwise;
        if (*value != '/')
                return failure_set(failure, FAILURE_INVALID, name, "", "%s: must be an absolute path", name);
        *ret_folder = arena_text(arena, value, strlen(value));
        return 0;
}

int api_settings_read(struct arena *arena, struct api_settings *ret_settings, struct failure *failure)
{
        ASSERT(arena != NULL && ret_settings != NULL);
        struct api_settings settings = {0};
        struct settings file;
        int64_t seconds = 0, port = 0;

        if (settings_read(arena, SETTINGS_DIRECTORY, &file, failure) < 0 ||
            read_folder(arena, "BULKHEAD_CONTRACTS", "/usr/share/bulkhead/contracts", &settings.contracts, failure) <
                    0 ||
            read_folder(arena, "BULKHEAD_WEB", "/usr/share/bulkhead/web", &settings.web, failure) < 0 ||
            read_folder(arena, "BULKHEAD_SOCKETS", "/run/bulkhead", &settings.sockets, failure) < 0)
                return -1;
        settings.hosts = settings_words(arena, file.values[SETTING_HOSTS]);
        settings.origins = settings_words(arena, file.values[SETTING_ORIGINS]);
        char name[256] = "";
        if (gethostname(name, sizeof(name) - 1) == 0)
                settings.name = arena_text(arena, name, strlen(name));
        value_integer(file.values[SETTING_ANSWER_SECONDS], &seconds);
        settings.answer_s = (unsigned)seconds;
        if (*file.values[SETTING_HTTPS_PORT] != '\0')
                value_integer(file.values[SETTING_HTTPS_PORT], &port);
        settings.https_port = (unsigned)port;
        *ret_settings = settings;
        return 0;
}
