/* Verifying what was signed: the checkpoints in the table, and those that the users hand keeps in files, where the
 * database cannot reach.
 * Rights: the monitor clerk; reads ledger.checkpoint and the published checkpoints. */
#include "base/mem.h"
#include "base/text.h"
#include "daemons/monitor/clerk/verification.h"
#include "sys/file.h"
#include "value/value.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ask_signed(struct verification *verification);

/* --- files --- */

static void directory_closep(DIR **directory)
{
        if (*directory)
                closedir(*directory);
}

void verification_read_files(struct verification *verification)
{
        CLEANUP(directory_closep) DIR *directory = opendir(CHECKPOINT_DIRECTORY);
        const struct dirent *entry;
        uint8_t *bytes = NULL;
        size_t length = 0;
        struct failure failure;

        if (!directory)
                return; /* nothing was ever signed here; checkpoints in the table will miss their key */
        if (file_read_below(dirfd(directory), CHECKPOINT_KEY, 64, &bytes, &length) == 0)
                verification->has_key = checkpoint_key_decode(bytes, length, verification->public_key) == 0;
        free(bytes);
        while ((entry = readdir(directory)) != NULL)
                if (value_check(value_type_find("chain"), "", entry->d_name, strlen(entry->d_name), &failure) == 0)
                        verification_add_chain(verification, entry->d_name);
}

/* The chain's file. 1, 0 when there is none, or -1. */
static int read_kept(const char *chain, struct checkpoint *ret_checkpoint)
{
        CLEANUP_FD int dir_fd = open(CHECKPOINT_DIRECTORY, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result;

        if (dir_fd < 0)
                return errno == ENOENT ? 0 : -1;
        result = file_read_below(dir_fd, chain, CHECKPOINT_FILE_MAX, &bytes, &length);
        if (result < 0)
                return result == -ENOENT ? 0 : -1;
        result = checkpoint_decode(bytes, length, ret_checkpoint);
        free(bytes);
        return result || strcmp(ret_checkpoint->chain, chain) != 0 ? -1 : 1;
}

/* --- judging --- */

static void judge(struct verification *verification, const struct checkpoint *checkpoint, const char *row_hash)
{
        struct ledger_row row = {.chain = checkpoint->chain, .number = checkpoint->number};
        char message[VERIFY_MESSAGE_SIZE];
        bool there = text_unhex(row_hash, strlen(row_hash), row.hash, HASH_BYTES) == 0;

        verification->checkpoints++;
        if (!verification->has_key) {
                verification_problem(verification, (int64_t)checkpoint->number,
                                     "the signature of this row cannot be checked: " CHECKPOINT_DIRECTORY
                                     "/" CHECKPOINT_KEY " cannot be read");
                return;
        }
        if (verifier_checkpoint(checkpoint, there ? &row : NULL, verification->public_key, message, sizeof(message)) !=
            VERDICT_GOOD)
                verification_problem(verification, (int64_t)checkpoint->number, message);
}

static void kept_known(const struct db_done *done, void *context)
{
        struct verification *verification = context;

        if (!verification_goes_on(verification, done))
                return;
        judge(verification, &verification->kept, db_rows_count(done->rows[0]) ? db_value(done->rows[0], 0, 0) : "");
        verification_next_chain(verification);
}

static void judge_kept(struct verification *verification)
{
        const char *chain = verification_chain(verification);
        char number[24];
        int found = read_kept(chain, &verification->kept);

        if (found < 0)
                verification_problem(verification, 0, "the file of the last checkpoint cannot be read");
        if (found <= 0) {
                verification_next_chain(verification);
                return;
        }
        snprintf(number, sizeof(number), "%" PRIu64, verification->kept.number);
        verification_ask(verification, MONITOR_ROW, (const char *const[]){chain, number, NULL}, kept_known);
}

/* --- the table --- */

static void judge_row(struct verification *verification, const struct db_rows *rows, int at)
{
        struct checkpoint checkpoint = {.number = strtoull(db_value(rows, at, 0), NULL, 10),
                                        .at_s = strtoll(db_value(rows, at, 2), NULL, 10),
                                        .key_id = (uint32_t)strtoul(db_value(rows, at, 3), NULL, 10)};

        snprintf(checkpoint.chain, sizeof(checkpoint.chain), "%s", verification_chain(verification));
        if (text_unhex(db_value(rows, at, 1), db_value_length(rows, at, 1), checkpoint.hash, HASH_BYTES) ||
            text_unhex(db_value(rows, at, 4), db_value_length(rows, at, 4), checkpoint.signature, SIGNATURE_BYTES))
                checkpoint.at_s = -1; /* was never signed so */
        judge(verification, &checkpoint, db_value(rows, at, 5));
        snprintf(verification->signed_number, sizeof(verification->signed_number), "%s", db_value(rows, at, 0));
        snprintf(verification->signed_at, sizeof(verification->signed_at), "%s", db_value(rows, at, 6));
        snprintf(verification->signed_key, sizeof(verification->signed_key), "%s", db_value(rows, at, 3));
}

static void signed_known(const struct db_done *done, void *context)
{
        struct verification *verification = context;
        int count;

        if (verification->call && done->status == DB_REFUSED && !verification_broken_off(done)) {
                verification_problem(verification, 0, "the checkpoints of this chain cannot be read");
                judge_kept(verification);
                return;
        }
        if (!verification_goes_on(verification, done))
                return;
        count = db_rows_count(done->rows[0]);
        for (int i = 0; i < count; i++)
                judge_row(verification, done->rows[0], i);
        if (count)
                ask_signed(verification);
        else
                judge_kept(verification);
}

static void ask_signed(struct verification *verification)
{
        verification_ask(verification, MONITOR_CHECKPOINTS,
                         (const char *const[]){verification_chain(verification), verification->signed_number,
                                               verification->signed_at, verification->signed_key, NULL},
                         signed_known);
}

void verification_signed(struct verification *verification)
{
        snprintf(verification->signed_number, sizeof(verification->signed_number), "%" PRId64, INT64_MIN);
        snprintf(verification->signed_at, sizeof(verification->signed_at), "-infinity");
        snprintf(verification->signed_key, sizeof(verification->signed_key), "0");
        ask_signed(verification);
}
