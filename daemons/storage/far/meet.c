/* Getting to know another machine: the key that it is to let in is made, it is asked for its host key, and when that is
 * confirmed, whether it lets us in. Nothing is sent to who has not been confirmed.
 * Rights: the one who sends to other machines; writes its keys, and what the clerk reads of them. */
#include "daemons/storage/carrier/carrier.h"
#include "daemons/storage/far/far.h"

#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 128, LINE_ROOM = 2048 };

static void forget(const char *remote, const char *key)
{
        char path[PATH_ROOM];
        unlink(key);
        snprintf(path, sizeof(path), KEYS "/%s.pub", remote);
        unlink(path);
        snprintf(path, sizeof(path), SAID "/%s.remote", remote);
        unlink(path);
}

/* The public half, as it is to be pasted. */
static void key_of(const char *key, char line[LINE_ROOM], char why[WHY_SIZE])
{
        struct ssh made;
        if (access(key, F_OK) != 0) {
                const char *const words[] = {
                        "/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bulkhead", "-f", key, NULL};
                program_start(&made, words, false);
                if (!program_end(&made, NULL, 0, why))
                        give_up("ssh-keygen: %s", why);
        }
        const char *const words[] = {"/usr/bin/ssh-keygen", "-y", "-f", key, NULL};
        program_start(&made, words, false);
        if (!program_end(&made, line, LINE_ROOM, why))
                give_up("ssh-keygen: %s", why);
        line[strcspn(line, "\n")] = '\0';
}

/* Who answers is asked for its key and told nothing: no key of ours is shown to it. False, and why: nobody answers. */
static bool host_key_of(const char *remote, const char *config, char line[LINE_ROOM], char why[WHY_SIZE])
{
        char found[PATH_ROOM], option[PATH_ROOM + sizeof("UserKnownHostsFile=")];
        snprintf(found, sizeof(found), KEYS "/%s.found", remote);
        snprintf(option, sizeof(option), "UserKnownHostsFile=%s", found);
        const char *const words[] = {"/usr/bin/ssh",
                                     "-F",
                                     config,
                                     "-o",
                                     option,
                                     "-o",
                                     "StrictHostKeyChecking=accept-new",
                                     "-o",
                                     "HashKnownHosts=no",
                                     "-o",
                                     "PubkeyAuthentication=no",
                                     "--",
                                     remote,
                                     "true",
                                     NULL};
        struct ssh asked;
        uint8_t *bytes = NULL;
        size_t length = 0;
        program_start(&asked, words, false);
        (void)program_end(&asked, NULL, 0, why);
        CLEANUP_FD int folder = file_directory(KEYS);
        int result =
                folder < 0 ? folder : file_read_below(folder, found + sizeof(KEYS), LINE_ROOM - 1, &bytes, &length);
        unlink(found);
        if (result != 0)
                return false;
        const size_t name = strlen(remote) + 1, end = strcspn((const char *)bytes, "\n");
        const bool good = end > name && end < LINE_ROOM &&
                          value_check(&value_ssh_key, "", (const char *)bytes + name, end - name, NULL) == 0;
        if (good)
                snprintf(line, LINE_ROOM, "%.*s", (int)(end - name), (const char *)bytes + name);
        free(bytes);
        return good;
}

int remote_meet(const char *remote)
{
        char config[PATH_ROOM], hosts[PATH_ROOM], key[PATH_ROOM], name[PATH_ROOM], why[WHY_SIZE] = "";
        char ours[LINE_ROOM] = "", theirs[LINE_ROOM] = "", text[3 * LINE_ROOM];
        snprintf(config, sizeof(config), REMOTES "/%s", remote);
        snprintf(hosts, sizeof(hosts), REMOTES "/%s.hosts", remote);
        snprintf(key, sizeof(key), KEYS "/%s", remote);
        snprintf(name, sizeof(name), "%s.remote", remote);
        if (access(config, F_OK) != 0) {
                forget(remote, key);
                return 0;
        }
        key_of(key, ours, why);
        bool answers = host_key_of(remote, config, theirs, why);
        if (access(hosts, F_OK) != 0 && answers)
                snprintf(why, sizeof(why), "its host key is not confirmed (bulkhead remotes trust)");
        else if (answers && ssh_do(remote, "btrfs --version", NULL, 0, why))
                why[0] = '\0';
        int length = snprintf(text, sizeof(text), "key %s\noffers %s\nsays %s\n", ours, theirs, why[0] ? why : "ok");
        int folder = file_directory(SAID);
        int result = folder < 0 ? folder : file_put(folder, name, text, (size_t)length, 0644);
        if (result != 0)
                give_up("%s: %s", name, strerror(-result));
        return 0;
}
