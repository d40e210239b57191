/* The users hand's state: opened once, before the fences close; and reading an action's values.
 * Rights: the users hand; its directories in /run and /var/lib. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *text_of(const struct act_context *context, const char *param)
{
        const struct value *value = action_value(context->operation, context->action, param);
        return value ? value->text : "";
}

uint64_t number_of(const struct act_context *context, const char *param)
{
        return strtoull(text_of(context, param), NULL, 10); /* its value type has seen that it is one */
}

bool address_read(const char *text, uint8_t ret_bytes[ADDRESS_BYTES])
{
        ASSERT(text && ret_bytes);
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
        if (inet_pton(AF_INET, text, ret_bytes + sizeof(mapped)) != 1)
                return inet_pton(AF_INET6, text, ret_bytes) == 1;
        memcpy(ret_bytes, mapped, sizeof(mapped));
        return true;
}

static int open_directory(const char *path)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                log_fatal("%s: %s", path, strerror(errno));
        return fd;
}

static void open_device_key(struct users *users)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(users->state, "device-key", sizeof(users->device_key), &bytes, &length);
        if (result == 0 && length == sizeof(users->device_key)) {
                memcpy(users->device_key, bytes, length);
        } else {
                crypto_random(users->device_key, sizeof(users->device_key));
                result = file_replace(users->state, "device-key", users->device_key, sizeof(users->device_key), 0600,
                                      (uid_t)-1, (gid_t)-1);
        }
        free(bytes);
        if (result != 0)
                log_fatal("device-key: %s", strerror(-result));
}

int users_prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct users users;
        umask(077);
        users.state = open_directory(STATE_DIRECTORY);
        users.run = open_directory(RUN_DIRECTORY);
        users.trust_directory = open_directory(TRUST_DIRECTORY);
        users.checkpoints = open_directory(CHECKPOINT_DIRECTORY);
        if ((mkdirat(users.state, "journal", 0700) != 0 && errno != EEXIST) ||
            (mkdirat(users.run, "spent", 0700) != 0 && errno != EEXIST))
                log_fatal("mkdir: %s", strerror(errno));
        users.sessions = (struct table){users.run, "sessions", SESSION_ROW_BYTES, 4096, 0, NULL};
        users.pending = (struct table){users.run, "pending", FACTOR_ROW_BYTES, 256, 0, NULL};
        users.keys = (struct table){users.state, "keys", KEY_ROW_BYTES, 4096, 0, NULL};
        users.factors = (struct table){users.state, "factors", FACTOR_ROW_BYTES, 10000, 0, NULL};
        table_open(&users.sessions);
        table_open(&users.pending);
        table_open(&users.keys);
        table_open(&users.factors);
        open_device_key(&users);
        backoff_open(&users);
        trust_start(&users);
        *ret_state = &users;
        return 0;
}
