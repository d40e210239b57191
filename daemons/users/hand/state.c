/* The users hand's state, opened once, before the fences close; and reading an action's values.
 * Rights: the users hand; its directories in /run and /var/lib. */
#include "daemons/users/hand/users.h"

#include <sys/mman.h>
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

uint32_t uid_of(const struct act_context *context)
{
        return (uint32_t)number_of(context, "uid");
}

static void must(int result, const char *what)
{
        if (result < 0)
                log_fatal("%s: %s", what, strerror(-result));
}

static int open_directory(const char *path)
{
        int fd = open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        must(fd < 0 ? -errno : 0, path);
        return fd;
}

static void open_backoff(struct users *users)
{
        CLEANUP_FD int fd = openat(users->run, "backoff", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        must(fd < 0 || ftruncate(fd, sizeof(struct backoff)) != 0 ? -errno : 0, "backoff");
        users->backoff = mmap(NULL, sizeof(struct backoff), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        must(users->backoff == MAP_FAILED ? -errno : 0, "backoff");
        must(file_secret(users->run, "backoff-key", users->backoff->key, sizeof(users->backoff->key)), "backoff-key");
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
        (void)mkdirat(users.state, "journal", 0700); /* act_open says when they are not there */
        (void)mkdirat(users.run, "spent", 0700);
        users.sessions = (struct table){users.run, "sessions", sizeof(struct session), 4096, 0, NULL};
        users.pending = (struct table){users.run, "pending", sizeof(struct factor), 256, 0, NULL};
        users.keys = (struct table){users.state, "keys", sizeof(struct api_key), 4096, 0, NULL};
        users.factors = (struct table){users.state, "factors", sizeof(struct factor), 10000, 0, NULL};
        must(table_open(&users.sessions), "sessions");
        must(table_open(&users.pending), "pending");
        must(table_open(&users.keys), "keys");
        must(table_open(&users.factors), "factors");
        must(file_secret(users.state, "device-key", users.device_key, sizeof(users.device_key)), "device-key");
        open_backoff(&users);
        trust_start(&users);
        *ret_state = &users;
        return 0;
}
