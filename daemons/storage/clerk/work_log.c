/* Texts of the units that work on pools, and raw answers of btrfs about how far they are.
 * Rights: the storage clerk; pure. */
#include "daemons/storage/clerk/work_log.h"

#include "base/log.h"
#include "base/text.h"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 255, DIGITS_MAX = 12, BOOT_LENGTH = 36, ALL = 1000 };

/* --- what a unit left --- */

/* The number behind a key that begins a line, added up over all such lines. */
static uint64_t sum_of(const char *text, const char *key)
{
        uint64_t sum = 0;
        for (const char *at = text; (at = strstr(at, key)); at += strlen(key))
                sum += strtoull(at + strlen(key), NULL, 10);
        return sum;
}

static int64_t moment_of(const char *line, const char *key)
{
        size_t length = strlen(key), digits = strncmp(line, key, length) == 0 ? strspn(line + length, "0123456789") : 0;
        return digits > 0 && digits <= DIGITS_MAX ? strtoll(line + length, NULL, 10) * 1000000 : 0;
}

static void take_words(const char *line, size_t length, struct arena *arena, struct work_log *log)
{
        char *rest = arena_text(arena, line, length), *word;
        for (size_t i = 0; i < WORK_WORDS_MAX && (word = strsep(&rest, " ")); i++)
                log->words[i] = word;
}

static void take_message(const char *line, size_t length, struct arena *arena, struct work_log *log)
{
        if (length <= MESSAGE_MAX && text_printable(line, length))
                log->message = arena_text(arena, line, length);
}

/* Lines behind the first: the boot, the order, what the tool says, the end and the result. What stands last counts. */
static void take_line(const char *line, size_t length, struct arena *arena, struct work_log *log)
{
        static const char order[] = "work ", error[] = "ERROR: ";
        if (log->ended_us != 0)
                log->result = arena_text(arena, line, length);
        else if (log->boot[0] == '\0' && length == BOOT_LENGTH)
                log->boot = arena_text(arena, line, length);
        else if (!log->words[0] && strncmp(line, order, strlen(order)) == 0)
                take_words(line + strlen(order), length - strlen(order), arena, log);
        else if (strncmp(line, "cannot scrub ", 13) == 0)
                take_message(line, length, arena, log);
        else if (strncmp(line, error, strlen(error)) == 0)
                take_message(line + strlen(error), length - strlen(error), arena, log);
        else if (strncmp(line, "ended ", 6) == 0)
                log->ended_us = moment_of(line, "ended ");
}

bool work_log_read(const char *text, struct arena *arena, struct work_log *ret_log)
{
        ASSERT(text && arena && ret_log);
        *ret_log = (struct work_log){.started_us = moment_of(text, "started "), .boot = "", .result = ""};
        if (ret_log->started_us == 0)
                return false;
        for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
                take_line(line + 1, strcspn(line + 1, "\n"), arena, ret_log);
        if (ret_log->result[0] == '\0')
                ret_log->ended_us = 0; /* the line that says how is still to come */
        bool success = strcmp(ret_log->result, "success") == 0;
        /* Of a scrub the tool says itself how it ended: one that found what cannot be repaired is no failure of it. */
        ret_log->finished = (success && !strstr(text, "aborted")) || strstr(text, "Status:           finished");
        ret_log->stopped = !ret_log->finished && (strstr(text, "aborted") || strstr(text, "cancel"));
        ret_log->scrubbed = sum_of(text, "data_bytes_scrubbed: ") + sum_of(text, "tree_bytes_scrubbed: ");
        ret_log->found = sum_of(text, "\tread_errors: ") + sum_of(text, "\tcsum_errors: ") +
                         sum_of(text, "\tverify_errors: ") + sum_of(text, "\tsuper_errors: ");
        ret_log->compared = strstr(text, "\ndifferences: ") != NULL;
        if (ret_log->compared)
                ret_log->found = sum_of(text, "\ndifferences: ");
        ret_log->repaired = sum_of(text, "\tcorrected_errors: ");
        ret_log->lost = sum_of(text, "\tuncorrectable_errors: ");
        zfs_log_take(text, ret_log);
        return true;
}

/* --- how far it is --- */

struct sums {
        uint64_t scrubbed, to_scrub, device_used, replaced, moved, to_move;
        bool scrubs, replaces, moves;
};

static void take_item(const struct btrfs_ioctl_search_header *head, const uint8_t *data, const struct work_asked *asked,
                      struct sums *sums)
{
        union {
                struct btrfs_scrub_progress scrub;
                struct btrfs_balance_progress balance;
                struct btrfs_ioctl_dev_replace_status_params replace;
                struct btrfs_ioctl_dev_info_args device;
        } item;
        memset(&item, 0, sizeof(item));
        memcpy(&item, data, head->len < sizeof(item) ? head->len : sizeof(item));
        switch (head->type) {
        case _IOC_NR(BTRFS_IOC_DEV_INFO):
                sums->to_scrub += item.device.bytes_used;
                if (head->offset == asked->device)
                        sums->device_used = item.device.bytes_used;
                break;
        case _IOC_NR(BTRFS_IOC_SCRUB_PROGRESS):
                sums->scrubbed += item.scrub.data_bytes_scrubbed + item.scrub.tree_bytes_scrubbed;
                sums->scrubs = true;
                break;
        case _IOC_NR(BTRFS_IOC_DEV_REPLACE):
                sums->replaced = item.replace.progress_1000;
                sums->replaces = item.replace.replace_state == BTRFS_IOCTL_DEV_REPLACE_STATE_STARTED;
                break;
        case _IOC_NR(BTRFS_IOC_BALANCE_PROGRESS):
                sums->moved = item.balance.considered;
                sums->to_move = item.balance.expected;
                sums->moves = true;
                break;
        default:
                break;
        }
}

static int part_of(uint64_t done, uint64_t all)
{
        if (all == 0)
                return -1;
        return done >= all ? ALL : (int)((double)done / (double)all * ALL);
}

int work_permille(const void *bytes, size_t length, const struct work_asked *asked)
{
        ASSERT(asked && asked->kind && (bytes || length == 0));
        struct sums sums = {.scrubbed = 0};
        struct btrfs_ioctl_search_header head;
        const uint8_t *at = bytes;
        for (size_t rest = length; rest > 0; rest -= head.len, at += head.len) {
                if (rest < sizeof(head))
                        return -1;
                memcpy(&head, at, sizeof(head));
                at += sizeof(head);
                rest -= sizeof(head);
                if (rest < head.len)
                        return -1;
                take_item(&head, at, asked, &sums);
        }
        if (strcmp(asked->kind, "scrub") == 0)
                return sums.scrubs ? part_of(sums.scrubbed, sums.to_scrub) : -1;
        if (strcmp(asked->kind, "replace") == 0)
                return sums.replaces ? part_of(sums.replaced, ALL) : -1;
        if (strcmp(asked->kind, "balance") == 0)
                return sums.moves ? part_of(sums.moved, sums.to_move) : -1;
        if (strcmp(asked->kind, "remove") == 0 && sums.device_used <= asked->bytes)
                return part_of(asked->bytes - sums.device_used, asked->bytes);
        return -1;
}
