/* The commands: words that stand for themselves in every shell, and three kinds of values of which the same holds.
 * Rights: who sends to other machines, and who receives from them; pure. */
#include "daemons/storage/far/commands.h"

#include "base/log.h"
#include "value/types.h"

#include <string.h>

/* {p}: the folder, {o}: the order, {s}: the snapshot. */
static const char *const commands[COMMAND_COUNT] = {
        [COMMAND_VERSION] = "btrfs --version",
        [COMMAND_PLACE] = "mkdir -p -m 0700 {p}/.incoming/{o}",
        [COMMAND_CLEAN] =
                "find {p}/.incoming/{o} -mindepth 1 -maxdepth 1 -inum 256 -exec btrfs -q subvolume delete {} +",
        [COMMAND_NAMES] = "ls {p}",
        [COMMAND_LIST] = "btrfs subvolume list -R -r {p}",
        [COMMAND_RECEIVE] = "btrfs receive --quiet {p}/.incoming/{o}",
        [COMMAND_SHOW_RECEIVED] = "btrfs subvolume show {p}/.incoming/{o}/{s}",
        [COMMAND_ARCHIVE] =
                "tar --create --sort=name --format=posix "
                "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime --numeric-owner --acls "
                "--xattrs --one-file-system --use-compress-program=sha256sum --file=- "
                "--directory={p}/.incoming/{o}/{s} .",
        [COMMAND_KEEP] = "btrfs -q subvolume snapshot -r {p}/.incoming/{o}/{s} {p}/{s}",
        [COMMAND_SHOW_KEPT] = "btrfs subvolume show {p}/{s}",
};

static bool is_hole(const char *at)
{
        return at[0] == '{' && at[1] != '\0' && strchr("pos", at[1]) && at[2] == '}';
}

bool command_fill(enum command command, const struct command_values *values, char target[COMMAND_SIZE])
{
        ASSERT(command < COMMAND_COUNT && values && target);
        size_t used = 0;
        for (const char *at = commands[command]; *at;) {
                const bool hole = is_hole(at);
                const char *value = !hole          ? at
                                    : at[1] == 'p' ? values->path
                                    : at[1] == 'o' ? values->order
                                                   : values->snapshot;
                const size_t length = hole ? strlen(value) : 1;
                if (used + length >= COMMAND_SIZE)
                        return false;
                memcpy(target + used, value, length);
                used += length;
                at += hole ? 3 : 1;
        }
        target[used] = '\0';
        return true;
}

/* How long the value is that begins here, or 0: it is none. A name ends where no name goes on. */
static size_t value_length(char hole, const char *text, const char *path)
{
        const struct value_type *type = hole == 'o' ? &value_schedule : &value_snapshot;
        const size_t length = strcspn(text, "/ ");
        if (hole == 'p')
                return strncmp(text, path, strlen(path)) == 0 ? strlen(path) : 0;
        return length > 0 && value_is(type, text, length) ? length : 0;
}

static bool is_command(const char *form, const char *text, const char *path)
{
        const char *seen[2] = {NULL, NULL}; /* of the order and the snapshot: the same each time */
        size_t lengths[2] = {0, 0};
        while (*form) {
                if (!is_hole(form)) {
                        if (*form++ != *text++)
                                return false;
                        continue;
                }
                const size_t length = value_length(form[1], text, path), which = form[1] == 's';
                if (length == 0 || (form[1] != 'p' && seen[which] &&
                                    (length != lengths[which] || memcmp(text, seen[which], length) != 0)))
                        return false;
                if (form[1] != 'p') {
                        seen[which] = text;
                        lengths[which] = length;
                }
                text += length;
                form += 3;
        }
        return *text == '\0';
}

enum command command_find(const char *text, const char *path)
{
        ASSERT(text && path && *path == '/');
        for (unsigned i = 0; i < COMMAND_COUNT; i++)
                if (is_command(commands[i], text, path))
                        return (enum command)i;
        return COMMAND_COUNT;
}

bool command_split(char *text, const char *words[COMMAND_WORDS_MAX + 1])
{
        ASSERT(text && words);
        size_t count = 0;
        for (char *word; (word = strsep(&text, " "));) {
                if (count == COMMAND_WORDS_MAX)
                        return false;
                words[count++] = word;
        }
        words[count] = NULL;
        return true;
}
