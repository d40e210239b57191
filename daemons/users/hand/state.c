/* The users hand's state, opened once, before the fences close.
 * Rights: the users hand; its directories in /run and /var/lib. */
#include "daemons/users/hand/users.h"

#include <sys/stat.h>

uint32_t uid_of(const struct act_context *context)
{
        return (uint32_t)act_number(context, "uid");
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
        users.smb_directory = log_must(file_directory(SMB_DIRECTORY), SMB_DIRECTORY);
        users.sessions = (struct table){users.run, "sessions", sizeof(struct session), 4096, 0, NULL};
        users.pending = (struct table){users.run, "pending", sizeof(struct factor), 256, 0, NULL};
        users.keys = (struct table){users.state, "keys", sizeof(struct api_key), 4096, 0, NULL};
        users.factors = (struct table){users.state, "factors", sizeof(struct factor), 10000, 0, NULL};
        users.smb = (struct table){users.state, "smb", sizeof(struct smb_entry), 10000, 0, NULL};
        struct table *tables[] = {&users.sessions, &users.pending, &users.keys, &users.factors, &users.smb};
        for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
                log_must(table_open(tables[i]), tables[i]->file);
        log_must(file_secret(users.state, "device-key", users.device_key, sizeof(users.device_key)), "device-key");
        log_must(file_share(users.run, "backoff", sizeof(*users.backoff), (void **)&users.backoff), "backoff");
        log_must(file_secret(users.run, "backoff-key", users.backoff->key, sizeof(users.backoff->key)), "backoff-key");
        trust_start(&users);
        *ret_state = &users;
        return 0;
}
