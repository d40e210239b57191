/* Folders that are offered by FTP, SFTP, WebDAV or rsync: as the shares hand writes them down, a file each, and as what
 * makes them visible reads them again. */
#ifndef BULKHEAD_VALUE_TRANSFER_H
#define BULKHEAD_VALUE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transfer_protocol { TRANSFER_FTP, TRANSFER_SFTP, TRANSFER_WEBDAV, TRANSFER_RSYNC, TRANSFER_PROTOCOLS };
extern const char *const transfer_protocols[TRANSFER_PROTOCOLS]; /* also the names of their services */
enum { TRANSFER_USERS_MAX = 48 };

struct transfer {
        int64_t id;
        const char *created, *path;
        unsigned protocols; /* a bit each */
        bool read_only, enabled;
        const char *users[TRANSFER_USERS_MAX]; /* accounts, and groups as @NAME; none: everybody with an account */
        size_t user_count;
        const char *numbers[TRANSFER_USERS_MAX]; /* of those that are of the directory, as a named_number */
        size_t number_count;
};

/* "# ID CREATED", then lines of the type transfer_setting. text is taken apart and stays. False: it is none of ours. */
bool transfer_read(char *text, struct transfer *ret_transfer);

#endif
