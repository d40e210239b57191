/* Passwords: judged by PAM, set by chpasswd with a hash made here.
 * Rights: the users hand; PAM and its helper read /etc/shadow, chpasswd writes it. Passwords are wiped after use. */
#include "daemons/users/hand/users.h"

#include "act/run.h"
#include "base/log.h"
#include "base/mem.h"

#include <crypt.h>
#include <errno.h>
#include <security/pam_appl.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_PREFIX "$y$" /* yescrypt at the strength that libcrypt recommends */

static void close_file(FILE **file)
{
        if (*file)
                fclose(*file);
}

/* The hash in /etc/shadow, in the arena; NULL when there is no line. */
static char *stored_hash(const char *name, struct arena *arena)
{
        CLEANUP(close_file) FILE *file = fopen("/etc/shadow", "re");
        if (!file)
                log_fatal("/etc/shadow: %s", strerror(errno));
        for (struct spwd *entry; (entry = fgetspent(file));)
                if (strcmp(entry->sp_namp, name) == 0)
                        return arena_text(arena, entry->sp_pwdp, strlen(entry->sp_pwdp));
        return NULL;
}

static bool is_unset(const char *hash)
{
        return !hash || *hash == '\0' || *hash == '!' || *hash == '*';
}

/* A new hash of password, in the arena; also the way to spend the time that a real check takes. */
static const char *make_hash(const char *password, struct arena *arena)
{
        char random[16], setting[CRYPT_GENSALT_OUTPUT_SIZE];
        struct crypt_data *data = arena_alloc(arena, sizeof(*data));
        crypto_random(random, sizeof(random));
        const char *hash = crypt_gensalt_rn(HASH_PREFIX, 0, random, sizeof(random), setting, sizeof(setting))
                                   ? crypt_rn(password, setting, data, sizeof(*data))
                                   : NULL;
        return hash && *hash == '$' ? hash : NULL;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **ret_responses, void *password)
{
        if (count <= 0 || count > PAM_MAX_NUM_MSG)
                return PAM_CONV_ERR;
        struct pam_response *responses = mem_new((size_t)count, sizeof(*responses)); /* PAM wipes and frees it */
        for (int i = 0; i < count; i++)
                if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
                        responses[i].resp = mem_copy_text(password);
        *ret_responses = responses;
        return PAM_SUCCESS;
}

static void no_delay(int result, unsigned delay_us, void *context)
{
        (void)result, (void)delay_us, (void)context; /* backoff.c delays, without holding up others */
}

static bool ask_pam(const char *name, const char *password)
{
        struct pam_conv conversation = {converse, (void *)(uintptr_t)password};
        pam_handle_t *pam = NULL;
        if (pam_start("bulkhead", name, &conversation, &pam) != PAM_SUCCESS)
                return false;
        union {
                void (*function)(int, unsigned, void *);
                const void *item;
        } delay = {.function = no_delay};
        pam_set_item(pam, PAM_FAIL_DELAY, delay.item);
        int result = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
        if (result == PAM_SUCCESS)
                result = pam_acct_mgmt(pam, PAM_SILENT);
        pam_end(pam, result);
        return result == PAM_SUCCESS;
}

bool password_right(const struct account *account, const char *password)
{
        ASSERT(password);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        bool judged = account && !is_unset(stored_hash(account->name, arena));
        bool right = ask_pam(judged ? account->name : "nobody", password);
        if (!judged)
                make_hash(password, arena);
        return judged && right && account->enabled;
}

static int set_hash(const struct act_context *context, const char *hash, struct failure *failure)
{
        const char *input = arena_printf(context->arena, "%s:%s\n", text_of(context, "name"), hash);
        struct run run = {.args = (const char *const[]){"/usr/sbin/chpasswd", "-e", NULL},
                          .input = input,
                          .output_fd = context->output_fd};
        return run_tool(&run, failure);
}

int password_set(struct act_context *context, struct failure *failure)
{
        const char *password = text_of(context, "password");
        unsigned minimum;
        bool totp;
        password_policy(context->state, &minimum, &totp);
        if (strlen(password) < minimum)
                return failure_set(failure, FAILURE_INVALID, "password", "", "must have at least %u bytes", minimum);
        const char *old = stored_hash(text_of(context, "name"), context->arena);
        const char *hash = make_hash(password, context->arena);
        if (!old || !hash)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s", old ? "crypt" : "no line in /etc/shadow");
        if (act_keep(context, old, strlen(old), failure) != 0 || set_hash(context, hash, failure) != 0)
                return -1;
        return account_sign_out(context->state, (uint32_t)number_of(context, "uid"), failure);
}

int password_restore(struct act_context *context, struct failure *failure)
{
        uint8_t *kept;
        size_t length;
        int result = act_kept(context, &kept, &length);
        if (result == -ENOENT)
                return 0;
        if (result != 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "journal: %s", strerror(-result));
        result = set_hash(context, (const char *)kept, failure);
        crypto_wipe(kept, length);
        free(kept);
        return result;
}

int password_is_unset(struct act_context *context, struct failure *failure)
{
        int result = account_is_ours(context, failure);
        if (result != 0)
                return result;
        return is_unset(stored_hash(text_of(context, "name"), context->arena))
                       ? 0
                       : failure_set(failure, FAILURE_CONFLICT, "username", "", "has a password already");
}

int password_is_known(struct act_context *context, struct failure *failure)
{
        struct account account;
        int result = account_is_ours(context, failure);
        if (result != 0 || !account_by_name(text_of(context, "name"), &account))
                return result;
        return password_confirmed(context, &account, text_of(context, "old"), failure);
}
