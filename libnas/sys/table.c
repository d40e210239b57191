/* Small tables kept whole in memory and in one file each.
 * Rights: hands; a file below a directory that they were given. */
#include "sys/table.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_VERSION = 1 };

struct head { /* of the file; the rows follow */
        uint32_t version, row_bytes;
};

static struct head head_of(const struct table *table)
{
        return (struct head){TABLE_VERSION, (uint32_t)table->row_bytes};
}

int table_open(struct table *table)
{
        ASSERT(table && table->file && table->max > 0 && table->row_bytes >= sizeof(struct table_row));
        uint8_t *bytes = NULL;
        size_t length = 0;
        struct head head = head_of(table);
        int result = file_read_below(table->directory, table->file, sizeof(head) + table->max * table->row_bytes,
                                     &bytes, &length);
        if (result == 0 && (length < sizeof(head) || memcmp(bytes, &head, sizeof(head)) != 0 ||
                            (length - sizeof(head)) % table->row_bytes != 0))
                result = -EBADMSG;
        if (result == 0 || result == -ENOENT) {
                if (!table->rows)
                        table->rows = mem_new(table->max, table->row_bytes);
                table->count = result == 0 ? (length - sizeof(head)) / table->row_bytes : 0;
                if (table->count > 0)
                        memcpy(table->rows, bytes + sizeof(head), length - sizeof(head));
                result = 0;
        }
        if (bytes)
                crypto_wipe(bytes, length);
        free(bytes);
        return result;
}

void table_close(struct table *table)
{
        ASSERT(table);
        if (table->rows)
                crypto_wipe(table->rows, table->max * table->row_bytes);
        free(TAKE(table->rows));
        table->count = 0;
}

void *table_at(const struct table *table, size_t index)
{
        ASSERT(table && index < table->count);
        return table->rows + index * table->row_bytes;
}

void *table_find(const struct table *table, uint64_t id)
{
        ASSERT(table);
        for (size_t i = 0; i < table->count; i++) {
                struct table_row *row = table_at(table, i);
                if (row->id == id)
                        return row;
        }
        return NULL;
}

void *table_add(struct table *table, uint64_t id, uint32_t owner)
{
        ASSERT(table && !table_find(table, id));
        if (table->count >= table->max)
                return NULL;
        struct table_row *row = (void *)(table->rows + table->count++ * table->row_bytes);
        memset(row, 0, table->row_bytes);
        *row = (struct table_row){.id = id, .owner = owner};
        return row;
}

void table_remove(struct table *table, uint64_t id)
{
        ASSERT(table);
        uint8_t *row = table_find(table, id);
        if (!row)
                return;
        uint8_t *last = table_at(table, table->count - 1);
        if (row != last)
                memcpy(row, last, table->row_bytes);
        crypto_wipe(last, table->row_bytes);
        table->count--;
}

void table_remove_owner(struct table *table, uint32_t owner)
{
        ASSERT(table);
        for (size_t i = table->count; i-- > 0;) {
                const struct table_row *row = table_at(table, i);
                if (row->owner == owner)
                        table_remove(table, row->id);
        }
}

int table_save(struct table *table, struct failure *failure)
{
        ASSERT(table);
        struct head head = head_of(table);
        size_t length = sizeof(head) + table->count * table->row_bytes;
        uint8_t *bytes = mem_new(1, length);
        memcpy(bytes, &head, sizeof(head));
        memcpy(bytes + sizeof(head), table->rows, length - sizeof(head));
        int result = file_replace(table->directory, table->file, bytes, length, 0600, (uid_t)-1, (gid_t)-1);
        crypto_wipe(bytes, length);
        free(bytes);
        if (result != 0)
                (void)table_open(table);
        return failure_system(failure, FAILURE_UNAVAILABLE, table->file, result);
}
