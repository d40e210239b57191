/* Settings: the table of them, and the reader of the file that has them.
 * Rights: every process that has settings, before its fences; reads /etc/bulkhead and the environment. */
#include "sys/settings.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "value/shape.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_BYTES_MAX = 253, VALUE_BYTES_MAX = 4096 };
#define HOST_CHARACTERS SHAPE_LOWER SHAPE_DIGITS "-."

/* --- what a value may be --- */

static bool is_host(const char *text, size_t length)
{
        return length > 0 && length <= HOST_BYTES_MAX && shape_only(text, length, HOST_CHARACTERS);
}

/* "https://name" or "http://name", perhaps with a port, nothing behind. */
static bool is_origin(const char *text, size_t length)
{
        size_t scheme = shape_begins(text, length, "https://") ? 8 : shape_begins(text, length, "http://") ? 7 : 0;
        const char *host = text + scheme, *end = text + length;
        const char *colon = memchr(host, ':', (size_t)(end - host));
        return scheme > 0 && is_host(host, (size_t)((colon != NULL ? colon : end) - host)) &&
               (colon == NULL || shape_number(colon + 1, (size_t)(end - colon - 1), 1, 65535));
}

static bool each_word(const char *text, bool (*is_good)(const char *text, size_t length))
{
        size_t count = 0;
        for (text += strspn(text, " ,"); *text != '\0'; text += strspn(text, " ,")) {
                size_t length = strcspn(text, " ,");
                if (++count > SETTINGS_WORDS_MAX || !is_good(text, length))
                        return false;
                text += length;
        }
        return true;
}

static bool are_hosts(const char *text)
{
        return each_word(text, is_host);
}

static bool are_origins(const char *text)
{
        return each_word(text, is_origin);
}

static bool is_port(const char *text)
{
        return *text == '\0' || shape_number(text, strlen(text), 1, 65535);
}

static bool is_answer_time(const char *text)
{
        return shape_number(text, strlen(text), 1, 600);
}

/* One word of a connection: what leads elsewhere than to a socket of this machine, or has a password, is none. */
static bool is_database_word(const char *text, size_t length)
{
        static const char *const names[] = {"host", "port", "dbname", "connect_timeout"};
        const char *equals = memchr(text, '=', length);
        for (size_t i = 0; equals != NULL && i < ARRAY_SIZE(names); i++) {
                size_t name = (size_t)(equals - text), value = length - name - 1;
                if (name != strlen(names[i]) || memcmp(text, names[i], name) != 0)
                        continue;
                if (i == 0)
                        return value > 1 && equals[1] == '/';
                return i == 2 ? shape_only(equals + 1, value, SHAPE_LOWER SHAPE_DIGITS "_-") && value > 0
                              : shape_number(equals + 1, value, 1, 65535);
        }
        return false;
}

static bool is_database(const char *text)
{
        return strchr(text, ',') == NULL && each_word(text, is_database_word);
}

static bool is_proxy(const char *text)
{
        return *text == '\0' || is_origin(text, strlen(text));
}

static bool is_path(const char *text)
{
        return *text == '\0' || (*text == '/' && strstr(text, "/../") == NULL);
}

static const struct {
        const char *name, *otherwise, *says;
        bool (*check)(const char *text);
} table[SETTING_COUNT] = {
        [SETTING_DATABASE] =
                {"BULKHEAD_DATABASE", "host=/run/postgresql dbname=bulkhead",
                 "words of host=/FOLDER, port=, dbname= and connect_timeout=, where the host is the folder "
                 "of a socket",
                 is_database},
        [SETTING_HOSTS] = {"BULKHEAD_HOSTS", "", "names in lower-case letters, digits, - and dots, without a port",
                           are_hosts},
        [SETTING_ORIGINS] = {"BULKHEAD_ORIGINS", "", "addresses such as https://panel.example:8443, nothing behind",
                             are_origins},
        [SETTING_ANSWER_SECONDS] = {"BULKHEAD_ANSWER_SECONDS", "30", "a number from 1 to 600", is_answer_time},
        [SETTING_HTTPS_PORT] = {"BULKHEAD_HTTPS_PORT", "", "a number from 1 to 65535", is_port},
        [SETTING_ACME_PROXY] = {"HTTPS_PROXY", "", "an address such as http://proxy.example:3128", is_proxy},
        [SETTING_ACME_CERTIFICATES] = {"LEGO_CA_CERTIFICATES", "", "the absolute path of a file in PEM", is_path},
};

const char *setting_name(enum setting setting)
{
        ASSERT(setting < SETTING_COUNT);
        return table[setting].name;
}

const char *setting_says(enum setting setting)
{
        ASSERT(setting < SETTING_COUNT);
        return table[setting].says;
}

/* --- the file --- */

struct place { /* where in the file, for what is said about it */
        const char *file;
        unsigned line;
        struct failure *failure;
};

/* what: the line's text, as far as it may be shown. A value may not: it could be a password somebody tried. */
static int wrong(const struct place *place, const char *name, const char *what, const char *is, const char *must)
{
        char shown[96];
        text_escape(what, strlen(what), shown, sizeof(shown));
        return failure_set(place->failure, FAILURE_INVALID, name, "Correct that line.", "%s, line %u: %s %s%s",
                           place->file, place->line, shown, is, must);
}

static int find(const char *name)
{
        for (int i = 0; i < SETTING_COUNT; i++)
                if (strcmp(table[i].name, name) == 0)
                        return i;
        return -1;
}

/* Without blanks around it and one pair of quotes. */
static char *value_of(char *text)
{
        text += strspn(text, " \t");
        size_t length = strlen(text);
        while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
                length--;
        if (length > 1 && (*text == '"' || *text == '\'') && text[length - 1] == *text) {
                text++;
                length -= 2;
        }
        text[length] = '\0';
        return text;
}

static int read_line(char *line, const struct place *place, unsigned *seen, struct settings *settings)
{
        char *begin = line + strspn(line, " \t"), *equals = strchr(begin, '=');
        if (*begin == '#' || begin[strspn(begin, " \t\r")] == '\0')
                return 0;
        if (!text_printable(line, strcspn(line, "\r")))
                return wrong(place, "", "the line", "has a character that cannot be in it", "");
        if (equals == NULL)
                return wrong(place, "", begin, "must be NAME=value, or begin with #", "");
        *equals = '\0';
        begin[strcspn(begin, " \t")] = '\0';
        int setting = find(begin);
        if (setting < 0)
                return wrong(place, "", begin, "is no setting; the file that came with the package names all", "");
        if (seen[setting] != 0)
                return wrong(place, begin, begin, "stands in the file twice", "");
        seen[setting] = place->line;
        const char *value = value_of(equals + 1);
        if (strlen(value) > VALUE_BYTES_MAX || !table[setting].check(value))
                return wrong(place, begin, begin, "must be ", table[setting].says);
        if (*value != '\0')
                settings->values[setting] = value;
        return 0;
}

int settings_parse(struct arena *arena, const char *file, const char *text, size_t length,
                   struct settings *ret_settings, struct failure *failure)
{
        ASSERT(arena != NULL && file != NULL && text != NULL && ret_settings != NULL);
        struct place place = {.file = file, .line = 1, .failure = failure};
        struct settings settings;
        unsigned seen[SETTING_COUNT] = {0};
        for (int i = 0; i < SETTING_COUNT; i++)
                settings.values[i] = table[i].otherwise;
        for (const char *at = text, *end = text + length; at < end; place.line++) {
                const char *stop = memchr(at, '\n', (size_t)(end - at));
                size_t bytes = (size_t)((stop != NULL ? stop : end) - at);
                char *line = arena_text(arena, at, bytes);
                if (strlen(line) != bytes)
                        return wrong(&place, "", "the line", "has a character that cannot be in it", "");
                if (read_line(line, &place, seen, &settings) < 0)
                        return -1;
                at += bytes + 1;
        }
        *ret_settings = settings;
        return 0;
}

static int read_environment(struct settings *settings, struct failure *failure)
{
        for (int i = 0; i < SETTING_COUNT; i++) {
                const char *value = getenv(table[i].name);
                if (value == NULL || *value == '\0')
                        continue;
                if (!table[i].check(value))
                        return failure_set(failure, FAILURE_INVALID, table[i].name, "",
                                           "%s in the environment: must be %s", table[i].name, table[i].says);
                settings->values[i] = value;
        }
        return 0;
}

int settings_read(struct arena *arena, const char *directory, struct settings *ret_settings, struct failure *failure)
{
        ASSERT(arena != NULL && directory != NULL && ret_settings != NULL);
        const char *path = arena_printf(arena, "%s/" SETTINGS_FILE, directory);
        CLEANUP_FD int fd = open(directory, O_DIRECTORY | O_CLOEXEC);
        uint8_t *bytes = NULL;
        size_t length = 0;
        int error = fd < 0 ? -errno : file_read_below(fd, SETTINGS_FILE, SETTINGS_BYTES_MAX, &bytes, &length);
        if (error < 0 && error != -ENOENT)
                return failure_system(failure, FAILURE_INVALID, path, error);
        int result =
                settings_parse(arena, path, bytes != NULL ? (const char *)bytes : "", length, ret_settings, failure);
        free(bytes);
        return result < 0 ? -1 : read_environment(ret_settings, failure);
}

const char *const *settings_words(struct arena *arena, const char *value)
{
        ASSERT(arena != NULL && value != NULL);
        const char **words = arena_array(arena, SETTINGS_WORDS_MAX + 1, sizeof(*words));
        size_t count = 0;
        for (value += strspn(value, " ,"); *value != '\0' && count < SETTINGS_WORDS_MAX; value += strspn(value, " ,")) {
                size_t length = strcspn(value, " ,");
                words[count++] = arena_text(arena, value, length);
                value += length;
        }
        return words;
}
