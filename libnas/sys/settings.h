/* Settings: one file, /etc/bulkhead/bulkhead.conf, lines of NAME=value. Every process that has settings reads all of it
 * before its fences close, by this one reader, and does not serve when any line is wrong; which one is said. There is
 * no setting that widens what a process may do: a name that is not in the table is an error, so nothing can be put into
 * a process's environment by it. For tests a variable of the same name goes before the file. */
#ifndef BULKHEAD_SYS_SETTINGS_H
#define BULKHEAD_SYS_SETTINGS_H

#include "base/arena.h"
#include "base/failure.h"

#include <stddef.h>

#define SETTINGS_DIRECTORY "/etc/bulkhead"
#define SETTINGS_FILE      "bulkhead.conf"

enum setting {
        SETTING_DATABASE,
        SETTING_HOSTS,
        SETTING_ORIGINS,
        SETTING_ANSWER_SECONDS,
        SETTING_HTTPS_PORT,
        SETTING_ACME_PROXY,
        SETTING_ACME_CERTIFICATES,
        SETTING_COUNT
};

struct settings {
        const char *values[SETTING_COUNT]; /* in force: the default where nothing is set; never NULL */
};

enum { SETTINGS_BYTES_MAX = 64 * 1024, SETTINGS_WORDS_MAX = 64 };

/* The name as it stands in the file, and what a value must be ("FIELD must be ..."). */
const char *setting_name(enum setting setting);
const char *setting_says(enum setting setting);

/* Pure. 0, or -1 with FAILURE_INVALID: field is the name of the setting (or ""), message begins "FILE, line N: ". */
int settings_parse(struct arena *arena, const char *file, const char *text, size_t length,
                   struct settings *ret_settings, struct failure *failure);
/* The file below the directory (none: nothing is set), and then the environment. 0 or -1. */
int settings_read(struct arena *arena, const char *directory, struct settings *ret_settings, struct failure *failure);

/* The words of a list, separated by blanks or commas; ended by NULL. */
const char *const *settings_words(struct arena *arena, const char *value);

#endif
