/* Who uses exports over NFS, as the servers say it: the kernel's in lines (systemd/nfs_clients.c), nfs-ganesha over the
 * bus, as JSON. Clients choose the names in it, and how much there is: everything is read bounded, and what cannot be
 * read is left out.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "json/json.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

typedef struct nas_shares_nfs_client client;
typedef struct nas_shares_nfs_file open_file;
enum { CLIENTS_MAX = 10000, FILES_MAX = 1000, ADDRESS_MAX = 64, NAME_MAX_BYTES = 1024, FILE_MAX = 4096 };

struct reading {
        struct arena *arena;
        client *list;
        size_t count;
};

/* --- the kernel's --- */

/* What stands behind the key in that line; NULL: another one. */
static char *behind(char *line, const char *key)
{
        const size_t length = strlen(key);
        return strncmp(line, key, length) == 0 ? line + length : NULL;
}

/* In quotation marks, to the last of them. */
static const char *quoted(char *text, const char *end, size_t max)
{
        char *last = text && *text == '"' ? strstr(text + 1, end) : NULL;
        for (char *next = last; next && (next = strstr(next + 1, end));)
                last = next;
        if (!last || (size_t)(last - text) > max)
                return "";
        *last = '\0';
        return text_printable(text + 1, strlen(text + 1)) ? text + 1 : "";
}

/* "10.9.0.2:871", "[fd00::1]:871": without its port. */
static const char *address(char *text)
{
        char *shown = (char *)(uintptr_t)quoted(text, "\"", ADDRESS_MAX), *colon = strrchr(shown, ':');
        if (colon)
                *colon = '\0';
        const size_t length = strlen(shown);
        if (length > 1 && shown[0] == '[' && shown[length - 1] == ']') {
                shown[length - 1] = '\0';
                shown++;
        }
        return value_is(&value_address, shown, strlen(shown)) ? shown : "";
}

/* "- 0x...: { type: open, access: rw, deny: --, superblock: "...", filename: "hers/note", owner: "..." }" */
static void take_state(struct reading *reading, client *one, char *line)
{
        static const char key[] = "filename: ";
        const bool lock = strstr(line, "{ type: lock") != NULL, opened = strstr(line, "{ type: open") != NULL;
        const bool writes = strstr(line, "access: rw") || strstr(line, "access: -w") || strstr(line, "access: w");
        char *at = strstr(line, key);
        const char *name = quoted(at ? at + strlen(key) : NULL, "\", owner: ", FILE_MAX);
        if ((!lock && !opened) || *name == '\0')
                return;
        for (size_t i = 0; i < one->files_count; i++)
                if (strcmp(one->files[i].name, name) == 0) {
                        open_file *known = (open_file *)(uintptr_t)&one->files[i];
                        known->writes = known->writes || (opened && writes);
                        known->locks = known->locks || lock;
                        return;
                }
        if (one->files_count >= FILES_MAX)
                return;
        open_file *list = (open_file *)(uintptr_t)one->files;
        if (!list)
                one->files = list = arena_array(reading->arena, FILES_MAX, sizeof(*list));
        list[one->files_count++] = (open_file){.name = name, .writes = opened && writes, .locks = lock};
}

static void take_line(struct reading *reading, client *one, char *line)
{
        char *value;
        if ((value = behind(line, "address: ")))
                one->address = address(value);
        else if ((value = behind(line, "name: ")))
                one->name = quoted(value, "\"", NAME_MAX_BYTES);
        else if ((value = behind(line, "minor version: ")) && strlen(value) == 1 && *value >= '0' && *value <= '2')
                one->protocol = arena_printf(reading->arena, "4.%s", value);
        else if ((value = behind(line, "seconds from last renew: ")) && value_is(&value_number, value, strlen(value)))
                one->idle = strtoll(value, NULL, 10);
        else if (strncmp(line, "- ", 2) == 0)
                take_state(reading, one, line);
}

static void read_lines(struct reading *reading, char *text)
{
        client *one = NULL;
        for (char *line; (line = strsep(&text, "\n"));) {
                const char *number = behind(line, "client ");
                if (number && reading->count < CLIENTS_MAX && value_is(&value_number, number, strlen(number))) {
                        one = &reading->list[reading->count++];
                        *one = (client){.id = strtoll(number, NULL, 10), .address = "", .name = "", .protocol = "4"};
                } else if (one && *line == '\t') {
                        take_line(reading, one, line + 1);
                }
        }
}

/* --- nfs-ganesha's: {"data":[[...],[["10.0.0.2",true,...],...]]}; after the address, what it has ever been asked by it
 * --- */

static bool spoke(const struct json *entry, size_t place)
{
        const struct json *value = place < json_length(entry) ? json_item(entry, place) : NULL;
        return json_type_of(value) == JSON_BOOLEAN && json_boolean(value);
}

static void take_entry(struct reading *reading, const struct json *entry)
{
        static const struct {
                size_t place;
                const char *protocol;
        } versions[] = {{7, "4.2"}, {6, "4.1"}, {5, "4.0"}, {1, "3"}};
        const struct json *first =
                json_type_of(entry) == JSON_ARRAY && json_length(entry) > 0 ? json_item(entry, 0) : NULL;
        size_t length = 0;
        const char *text = json_type_of(first) == JSON_TEXT ? json_text(first, &length) : NULL;
        if (text && strncmp(text, "::ffff:", strlen("::ffff:")) == 0) {
                text += strlen("::ffff:");
                length -= strlen("::ffff:");
        }
        if (!text || reading->count >= CLIENTS_MAX || !value_is(&value_address, text, length))
                return;
        const char *protocol = "";
        for (size_t i = 0; i < ARRAY_SIZE(versions) && *protocol == '\0'; i++)
                if (spoke(entry, versions[i].place))
                        protocol = versions[i].protocol;
        reading->list[reading->count++] = (client){.address = text, .name = "", .protocol = protocol};
}

static void read_bus(struct reading *reading, const char *text, size_t length)
{
        struct failure failure = {0};
        const struct json *all = json_parse_in(reading->arena, text, length, &failure);
        const struct json *data = json_type_of(all) == JSON_OBJECT ? json_member(all, "data") : NULL;
        const struct json *list = json_type_of(data) == JSON_ARRAY && json_length(data) > 1 ? json_item(data, 1) : NULL;
        for (size_t i = 0; json_type_of(list) == JSON_ARRAY && i < json_length(list); i++)
                take_entry(reading, json_item(list, i));
}

size_t nfs_clients_read(char *text, struct arena *arena, const client **ret_clients)
{
        ASSERT(text && arena && ret_clients);
        struct reading reading = {.arena = arena, .list = arena_array(arena, CLIENTS_MAX, sizeof(client))};
        *ret_clients = reading.list;
        if (*text == '{')
                read_bus(&reading, text, strlen(text));
        else
                read_lines(&reading, text);
        return reading.count;
}
