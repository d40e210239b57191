/* Passwords: compared here first, so that a wrong one takes the same time for every name, then judged by PAM; set by
 * chpasswd with a hash made here. For SMB there is another hash of it, too weak to be an administrator's, who may
 * have a separate password there.
 * Rights: the users hand; reads /etc/shadow, as PAM does; chpasswd writes it. Alone writes in SMB_DIRECTORY. */
#include "daemons/users/hand/users.h"

#include <crypt.h>
#include <security/pam_appl.h>
#include <shadow.h>
#include <stdio.h>

/* The hash in /etc/shadow, in the arena; "" when there is no line. */
static const char *stored_hash(const char *name, struct arena *arena)
{
        const char *hash = "";
        FILE *file = fopen("/etc/shadow", "re");
        for (struct spwd *entry; file && (entry = fgetspent(file));)
                if (strcmp(entry->sp_namp, name) == 0)
                        hash = arena_text(arena, entry->sp_pwdp, strlen(entry->sp_pwdp));
        if (!file || ferror(file))
                log_fatal("/etc/shadow: %s", strerror(errno));
        fclose(file);
        return hash;
}

static bool is_set(const char *hash)
{
        return *hash != '\0' && *hash != '!' && *hash != '*';
}

/* In the arena; NULL when the password is too long for libcrypt. setting NULL: a fresh one, yescrypt at the strength
 * that libcrypt recommends. */
static const char *make_hash(const char *password, const char *setting, struct arena *arena)
{
        char random[16], fresh[CRYPT_GENSALT_OUTPUT_SIZE];
        struct crypt_data *data = arena_alloc(arena, sizeof(*data));
        crypto_random(random, sizeof(random));
        if (!setting)
                setting = crypt_gensalt_rn("$y$", 0, random, sizeof(random), fresh, sizeof(fresh));
        return setting ? crypt_rn(password, setting, data, sizeof(*data)) : NULL;
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

static bool ask_pam(const char *name, const char *password)
{
        struct pam_conv conversation = {converse, (void *)(uintptr_t)password};
        pam_handle_t *pam = NULL;
        if (pam_start("bulkhead", name, &conversation, &pam) != PAM_SUCCESS)
                return false;
        int result = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
        if (result == PAM_SUCCESS)
                result = pam_acct_mgmt(pam, PAM_SILENT);
        pam_end(pam, result);
        return result == PAM_SUCCESS;
}

bool password_right(const struct person *person, const char *password)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *stored = person ? stored_hash(person->name, arena) : "";
        const char *hash = make_hash(password, is_set(stored) ? stored : NULL, arena);
        bool right = hash && strlen(hash) == strlen(stored) && crypto_equal(hash, stored, strlen(stored));
        return right && is_set(stored) && person->enabled && ask_pam(person->name, password);
}

static int set_hash(const struct act_context *context, const char *hash, struct failure *failure)
{
        static const char *const args[] = {"/usr/sbin/chpasswd", "-e", NULL};
        const char *input = arena_printf(context->arena, "%s:%s\n", act_text(context, "name"), hash);
        return act_run(context, args, input, failure);
}

/* What was there, for the undo: the hash for signing in ("": it stays), and behind it the entry for SMB. */
static int keep(struct act_context *context, const char *hash, struct failure *failure)
{
        const struct users *users = context->state;
        const struct smb_entry *entry = table_find(&users->smb, uid_of(context));
        size_t length = strlen(hash) + 1;
        char *bytes = arena_alloc(context->arena, length + sizeof(*entry));
        memcpy(bytes, hash, length);
        if (entry)
                memcpy(bytes + length, entry, sizeof(*entry));
        return act_keep(context, bytes, length + (entry ? sizeof(*entry) : 0), failure);
}

/* An entry for this password. False: it has characters that libcrypt cannot give NT, which takes each byte for one. */
static bool smb_entry_of(const struct act_context *context, const char *password, struct smb_entry *ret_entry)
{
        size_t size = strlen(password) + 1;
        char *narrow = arena_alloc(context->arena, size);
        const char *hash = text_latin1(password, narrow, size) ? make_hash(narrow, "$3$", context->arena) : NULL;
        return smb_entry_make(uid_of(context), hash, clock_real_s(), ret_entry);
}

static int smb_put(const struct act_context *context, const struct smb_entry *entry, struct failure *failure)
{
        struct users *users = context->state;
        table_remove(&users->smb, uid_of(context));
        if (entry) /* there is room for every number */
                *(struct smb_entry *)table_add(&users->smb, uid_of(context), uid_of(context)) = *entry;
        return table_save(&users->smb, failure);
}

/* The password for signing in is that for SMB too, but never an administrator's. */
static int smb_follow(const struct act_context *context, const char *password, struct failure *failure)
{
        const struct users *users = context->state;
        const struct smb_entry *now = table_find(&users->smb, uid_of(context));
        struct smb_entry entry;
        struct person person;
        bool made = smb_entry_of(context, password, &entry);
        bool admin = person_find(act_text(context, "name"), 0, &person) && person.role == ROLE_ADMIN;
        if (!admin || !now || !now->separate)
                return smb_put(context, made && !admin ? &entry : NULL, failure);
        bool same = made && crypto_equal(now->hash, entry.hash, SMB_HASH_BYTES);
        return same ? failure_set(failure, FAILURE_INVALID, "password", "Choose another one.", "is that for SMB") : 0;
}

int smb_password_set(struct act_context *context, struct failure *failure)
{
        const char *name = act_text(context, "name"), *password = act_text(context, "password");
        const char *stored = stored_hash(name, context->arena);
        const char *hash = is_set(stored) ? make_hash(password, stored, context->arena) : NULL;
        struct smb_entry entry;
        struct person person;
        if (!person_find(name, 0, &person) || person.role != ROLE_ADMIN)
                return failure_set(failure, FAILURE_CONFLICT, "username", "", "has the same password for SMB");
        if (hash && strcmp(hash, stored) == 0)
                return failure_set(failure, FAILURE_INVALID, "password", "Choose another one.",
                                   "is that for signing in");
        if (!smb_entry_of(context, password, &entry))
                return failure_set(failure, FAILURE_INVALID, "password", "",
                                   "has characters that SMB cannot have here");
        entry.separate = true;
        return keep(context, "", failure) == 0 ? smb_put(context, &entry, failure) : -1;
}

int smb_password_drop(struct act_context *context, struct failure *failure)
{
        return keep(context, "", failure) == 0 ? smb_put(context, NULL, failure) : -1;
}

int smb_publish(const struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        struct accounts all;
        log_must(accounts_read(context->arena, &all), "The account files");
        const char *text = smb_text(&users->smb, &all, context->arena);
        const uint8_t *map = smb_map(&users->smb, context->arena);
        int result = file_keep(users->smb_directory, SMB_FILE, text, strlen(text), 0600);
        if (result == 0)
                result = file_keep(users->trust_directory, SMB_MAP, map, SMB_MAP_BYTES, 0644);
        return failure_system(failure, FAILURE_UNAVAILABLE, SMB_FILE, result);
}

int password_set(struct act_context *context, struct failure *failure)
{
        const char *password = act_text(context, "password");
        bool totp;
        unsigned minimum = password_minimum(context->state, &totp);
        if (strlen(password) < minimum)
                return failure_set(failure, FAILURE_INVALID, "password", "", "must have at least %u bytes", minimum);
        const char *old = stored_hash(act_text(context, "name"), context->arena);
        const char *hash = make_hash(password, NULL, context->arena);
        if (!hash || !is_set(hash))
                return failure_set(failure, FAILURE_INVALID, "password", "", "is longer than this system takes");
        bool kept = keep(context, old, failure) == 0 && smb_follow(context, password, failure) == 0;
        return kept ? set_hash(context, hash, failure) : -1;
}

int password_restore(struct act_context *context, struct failure *failure)
{
        uint8_t *kept;
        size_t length;
        int result = act_kept(context, &kept, &length);
        if (result != 0)
                return result == -ENOENT ? 0 : failure_system(failure, FAILURE_FAILED, "journal", result);
        size_t hash = strlen((const char *)kept); /* an older journal ends there and says nothing of SMB */
        struct smb_entry entry;
        bool had = length == hash + 1 + sizeof(entry);
        if (had)
                memcpy(&entry, kept + hash + 1, sizeof(entry));
        if (hash > 0)
                result = set_hash(context, (const char *)kept, failure);
        if (result == 0 && length > hash)
                result = smb_put(context, had ? &entry : NULL, failure);
        crypto_wipe(kept, length);
        free(kept);
        return result;
}

int password_is_unset(struct act_context *context, struct failure *failure)
{
        int result = account_is_ours(context, failure);
        if (result == 0 && is_set(stored_hash(act_text(context, "name"), context->arena)))
                return failure_set(failure, FAILURE_CONFLICT, "username", "", "has a password already");
        return result;
}

int password_is_known(struct act_context *context, struct failure *failure)
{
        int result = account_is_ours(context, failure);
        if (result != 0)
                return result;
        return password_confirmed(context, act_text(context, "name"), act_text(context, "old"), failure);
}
