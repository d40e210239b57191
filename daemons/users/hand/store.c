/* Small tables kept whole in memory and in one file each: sessions, API keys, second factors.
 * Rights: the users hand; files below its own directories in /run and /var/lib, which nobody else can read. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_VERSION = 1 };

struct head { /* of the file; the rows follow, in this machine's byte order: the file never leaves it */
        uint32_t version, row_bytes;
};

void table_open(struct table *table)
{
        ASSERT(table && table->file && table->row_bytes >= sizeof(struct row));
        uint8_t *bytes = NULL;
        size_t length = 0;
        struct head head = {TABLE_VERSION, (uint32_t)table->row_bytes};
        if (!table->rows)
                table->rows = mem_new(table->max, table->row_bytes);
        int result = file_read_below(table->directory, table->file, sizeof(head) + table->max * table->row_bytes, &bytes,
                                     &length);
        if (result == 0 && (length < sizeof(head) || memcmp(bytes, &head, sizeof(head)) != 0 ||
                            (length - sizeof(head)) % table->row_bytes != 0))
                result = -EBADMSG;
        if (result != 0 && result != -ENOENT)
                log_fatal("%s: %s", table->file, strerror(-result));
        table->count = result == 0 ? (length - sizeof(head)) / table->row_bytes : 0;
        if (table->count > 0)
                memcpy(table->rows, bytes + sizeof(head), length - sizeof(head));
        if (bytes)
                crypto_wipe(bytes, length);
        free(bytes);
}

void *table_find(const struct table *table, uint64_t id)
{
        ASSERT(table);
        for (size_t i = 0; i < table->count; i++) {
                struct row *row = (void *)(table->rows + i * table->row_bytes);
                if (row->id == id)
                        return row;
        }
        return NULL;
}

void *table_add(struct table *table, uint64_t id, uint32_t uid)
{
        ASSERT(table && !table_find(table, id));
        if (table->count >= table->max)
                return NULL;
        struct row *row = (void *)(table->rows + table->count++ * table->row_bytes);
        memset(row, 0, table->row_bytes);
        *row = (struct row){.id = id, .uid = uid};
        return row;
}

void table_remove(struct table *table, void *row)
{
        ASSERT(table && row && table->count > 0);
        uint8_t *last = table->rows + --table->count * table->row_bytes;
        if (row != last)
                memcpy(row, last, table->row_bytes);
        crypto_wipe(last, table->row_bytes);
}

void table_remove_uid(struct table *table, uint32_t uid)
{
        ASSERT(table);
        for (size_t i = table->count; i-- > 0;) {
                struct row *row = (void *)(table->rows + i * table->row_bytes);
                if (row->uid == uid)
                        table_remove(table, row);
        }
}

int table_save(struct table *table, struct failure *failure)
{
        ASSERT(table);
        struct head head = {TABLE_VERSION, (uint32_t)table->row_bytes};
        size_t length = sizeof(head) + table->count * table->row_bytes;
        uint8_t *bytes = mem_new(1, length);
        memcpy(bytes, &head, sizeof(head));
        memcpy(bytes + sizeof(head), table->rows, length - sizeof(head));
        int result = file_replace(table->directory, table->file, bytes, length, 0600, (uid_t)-1, (gid_t)-1);
        crypto_wipe(bytes, length);
        free(bytes);
        if (result == 0)
                return 0;
        table_open(table);
        return failure_set(failure, FAILURE_UNAVAILABLE, "", "Is the disk full?", "%s: %s", table->file,
                           strerror(-result));
}
