/* receive-only: what a key may do that is let in to receive snapshots and for nothing else. It stands in
 * authorized_keys:
 *
 *     restrict,command="/usr/libexec/bulkhead/receive-only /srv/backup/photos" ssh-ed25519 ...
 *
 * What the other machine asks for is done when it is one of the few commands of a replication (far/commands.c), word
 * for word, in that folder; by no shell.
 *
 * Rights: whoever is signed in, who must be able to receive: root. Looks at one
 * line of text and becomes that command. */
#include "daemons/storage/far/commands.h"

#include "value/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct program {
        const char *name, *path;
} programs[] = {{"btrfs", "/usr/bin/btrfs"},
                {"mkdir", "/usr/bin/mkdir"},
                {"find", "/usr/bin/find"},
                {"ls", "/usr/bin/ls"},
                {"tar", "/usr/bin/tar"}};

static int refuse(const char *why)
{
        fprintf(stderr, "receive-only: %s\n", why);
        return 1;
}

int main(int count, char **given)
{
        static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL};
        const char *asked = getenv("SSH_ORIGINAL_COMMAND"), *words[COMMAND_WORDS_MAX + 1];
        char place[REMOTE_NAME_SIZE + REMOTE_PATH_SIZE], text[COMMAND_SIZE], name[REMOTE_NAME_SIZE],
                path[REMOTE_PATH_SIZE];
        snprintf(place, sizeof(place), "here:%s", count == 2 ? given[1] : "");
        if (count != 2 || strlen(given[1]) >= sizeof(path) || !remote_split(place, name, path))
                return refuse("it is not said in which folder");
        if (!asked || strlen(asked) >= sizeof(text) || command_find(asked, path) == COMMAND_COUNT)
                return refuse("this key is only for receiving snapshots in one folder");
        memcpy(text, asked, strlen(asked) + 1);
        if (!command_split(text, words))
                return refuse("too many words");
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
                if (strcmp(words[0], programs[i].name) == 0)
                        execve(programs[i].path, (char *const *)words, (char *const *)environment);
        return refuse("that cannot be run here");
}
