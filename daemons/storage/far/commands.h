/* All that is ever asked of another machine: a fixed list of commands, filled in by who sends and recognized by who
 * lets it receive in one folder only. */
#ifndef BULKHEAD_STORAGE_FAR_COMMANDS_H
#define BULKHEAD_STORAGE_FAR_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

enum command {
        COMMAND_VERSION,
        COMMAND_PLACE,
        COMMAND_CLEAN,
        COMMAND_NAMES,
        COMMAND_LIST,
        COMMAND_RECEIVE,
        COMMAND_SHOW_RECEIVED,
        COMMAND_ARCHIVE,
        COMMAND_KEEP,
        COMMAND_SHOW_KEPT,
        COMMAND_COUNT
};

enum { COMMAND_SIZE = 1536, COMMAND_WORDS_MAX = 32 };

struct command_values {
        const char *path, *order, *snapshot; /* of the types remote_place (behind its colon), schedule, snapshot */
};

/* False: it does not fit. */
bool command_fill(enum command command, const struct command_values *values, char target[COMMAND_SIZE]);
/* Is it one of the list, word for word, in that folder? COMMAND_COUNT: it is none. Pure; fuzzed. */
enum command command_find(const char *text, const char *path);
/* The words of a command, ended by NULL; cuts the text up. False: there are too many. */
bool command_split(char *text, const char *words[COMMAND_WORDS_MAX + 1]);

#endif
