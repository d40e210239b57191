/* The type transfer_setting: one line of what is written down about a folder that is offered by FTP, SFTP, WebDAV or
 * rsync; and all of them together. The servers themselves read none of it: what they see was made of it before.
 * Rights: every process; none needed. */
#include "value/transfer.h"
#include "value/directory.h"
#include "value/setting.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

const char *const transfer_protocols[TRANSFER_PROTOCOLS] = {"ftp", "sftp", "webdav", "rsync"};

static bool is_path(const char *text, size_t length)
{
        return value_is(&value_served_path, text, length);
}

/* Who is of the directory stands there with the number that it gave them. */
static bool is_user(const char *text, size_t length)
{
        return value_is(&value_named_number, text, length) ||
               (!memchr(text, '\\', length) && !directory_names(text, length) &&
                value_is(&value_share_user, text, length));
}

static const char *const protocols[] = {"ftp", "sftp", "webdav", "rsync", NULL};

/* clang-format off */
static const struct setting table[] = {
        {"path", is_path, NULL},
        {"enabled", NULL, setting_flag},
        {"read only", NULL, setting_flag},
        {"protocol", NULL, protocols},
        {"user", is_user, NULL},
        {NULL, NULL, NULL},
};
/* clang-format on */

static bool check(const char *text, size_t length)
{
        return setting_is_one(text, length, table);
}

const struct value_type value_transfer_setting = {
        .name = "transfer_setting",
        .says = "one of the lines that Bulkhead writes about a folder that is offered, \"key = value\"",
        .pattern = NULL,
        .example = "protocol = sftp",
        .max_bytes = 600,
        .check = check,
};

static unsigned bit_of(const char *protocol)
{
        for (unsigned i = 0; i < TRANSFER_PROTOCOLS; i++)
                if (strcmp(transfer_protocols[i], protocol) == 0)
                        return 1u << i;
        return 0;
}

static bool add_user(struct transfer *transfer, const char *value)
{
        const char *blank = strchr(value, ' ');
        if (transfer->user_count == TRANSFER_USERS_MAX)
                return false;
        if (blank)
                transfer->numbers[transfer->number_count++] = value;
        transfer->users[transfer->user_count++] = blank ? blank + 1 : value;
        return true;
}

static bool take(struct transfer *transfer, char *line)
{
        size_t length = strlen(line);
        if (length > value_transfer_setting.max_bytes || !check(line, length))
                return false;
        char *is = strstr(line, " = "), *value = is + strlen(" = ");
        *is = '\0';
        if (strcmp(line, "path") == 0)
                transfer->path = value;
        else if (strcmp(line, "enabled") == 0)
                transfer->enabled = value[0] == 'y';
        else if (strcmp(line, "read only") == 0)
                transfer->read_only = value[0] == 'y';
        else if (strcmp(line, "protocol") == 0)
                transfer->protocols |= bit_of(value);
        else
                return add_user(transfer, value);
        return true;
}

bool transfer_read(char *text, struct transfer *ret_transfer)
{
        struct transfer transfer = {.read_only = true}; /* unless it is said */
        char *first = strsep(&text, "\n"), *created;
        if (strncmp(first, "# ", 2) != 0)
                return false;
        transfer.id = strtoll(first + 2, &created, 10);
        transfer.created = created + (*created == ' ');
        for (char *line; (line = strsep(&text, "\n"));)
                if (*line != '\0' && !take(&transfer, line))
                        return false;
        if (transfer.id <= 0 || !transfer.path ||
            !value_is(&value_timestamp, transfer.created, strlen(transfer.created)))
                return false;
        *ret_transfer = transfer;
        return true;
}
