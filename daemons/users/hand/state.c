/* The users hand's state, opened once, before the fences close.
 * Rights: the users hand; its directories in /run and /var/lib. */
#include "daemons/users/hand/users.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t uid_of(const struct act_context *context)
{
        return (uint32_t)act_number(context, "uid");
}

static void open_backoff(struct users *users)
{
        CLEANUP_FD int fd = openat(users->run, "backoff", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        log_must(fd < 0 || ftruncate(fd, sizeof(struct backoff)) != 0 ? -errno : 0, "backoff");
        users->backoff = mmap(NULL, sizeof(struct backoff), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        log_must(users->backoff == MAP_FAILED ? -errno : 0, "backoff");
        log_must(file_secret(users->run, "backoff-key", users->backoff->key, sizeof(users->backoff->key)),
                 "backoff-key");
}

int users_prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct users users;
        umask(077);
        users.state = log_must(file_directory(STATE_DIRECTORY), STATE_DIRECTORY);
        users.run = log_must(file_directory(RUN_DIRECTORY), RUN_DIRECTORY);
        users.trust_directory = log_must(file_directory(TRUST_DIRECTORY), TRUST_DIRECTORY);
        users.checkpoints = log_must(file_directory(CHECKPOINT_DIRECTORY), CHECKPOINT_DIRECTORY);
        users.sessions = (struct table){users.run, "sessions", sizeof(struct session), 4096, 0, NULL};
        users.pending = (struct table){users.run, "pending", sizeof(struct factor), 256, 0, NULL};
        users.keys = (struct table){users.state, "keys", sizeof(struct api_key), 4096, 0, NULL};
        users.factors = (struct table){users.state, "factors", sizeof(struct factor), 10000, 0, NULL};
        log_must(table_open(&users.sessions), "sessions");
        log_must(table_open(&users.pending), "pending");
        log_must(table_open(&users.keys), "keys");
        log_must(table_open(&users.factors), "factors");
        log_must(file_secret(users.state, "device-key", users.device_key, sizeof(users.device_key)), "device-key");
        open_backoff(&users);
        trust_start(&users);
        *ret_state = &users;
        return 0;
}
