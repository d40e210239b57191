/* SSH keys: shown from the files that sshd reads, written by the hand.
 * Rights: the users clerk; reads /var/lib/bulkhead/ssh-keys. */
#include "daemons/users/clerk/users.h"

#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define SSH_KEYS_DIRECTORY "/var/lib/bulkhead/ssh-keys"
enum { SSH_KEYS_MAX = 32, SSH_FILE_MAX = 64 * 1024 };

static int keys_directory = -1; /* opened before the jail */

int ssh_keys_prepare(void)
{
        keys_directory = open(SSH_KEYS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return keys_directory >= 0 ? 0 : -errno;
}

void nas_users_list_ssh_keys(struct call *call, const struct nas_users_list_ssh_keys_in *in)
{
        struct failure failure = {0};
        uint8_t *bytes = NULL;
        size_t length = 0;
        const struct account *account = find_reachable(call, in->username, &failure);
        if (!account) {
                call_fail(call, &failure);
                return;
        }
        int error = file_read_below(keys_directory, account->name, SSH_FILE_MAX, &bytes, &length);
        if (error != 0 && error != -ENOENT) {
                failure_set(&failure, FAILURE_FAILED, "", "", "The keys cannot be read: %s.", strerror(-error));
                call_fail(call, &failure);
                return;
        }
        const char **keys = arena_array(call_arena(call), SSH_KEYS_MAX, sizeof(*keys));
        struct nas_users_list_ssh_keys_out out = {.ssh_keys = keys};
        char *rest = bytes ? arena_text(call_arena(call), (const char *)bytes, length) : NULL;
        free(bytes);
        for (char *line; rest && (line = strsep(&rest, "\n"));)
                if (*line && out.ssh_keys_count < SSH_KEYS_MAX)
                        keys[out.ssh_keys_count++] = line;
        nas_users_list_ssh_keys_reply(call, &out);
}

void nas_users_set_ssh_keys(struct call *call, const struct nas_users_set_ssh_keys_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_reachable(call, in->username, &failure);
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(account->name);
        const char *values[2 + SSH_KEYS_MAX] = {account->name, arena_printf(change->arena, "%u", account->uid)};
        size_t count = 2;
        for (size_t i = 0; i < in->ssh_keys_count && i < SSH_KEYS_MAX; i++)
                values[count++] = in->ssh_keys[i];
        change->answer = NULL;
        users_run(call, change, plan_step_values(change->plan, &failure, USERS_SSH_KEYS_SET, values, count), &failure);
}
