/* Who uses shares over SMB, as smbstatus says it. Clients choose the names in it, and how much there is: everything is
 * read bounded, and what cannot be read is left out.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "json/json.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

typedef struct nas_shares_smb_client client;
typedef struct nas_shares_smb_file open_file;

enum { CLIENTS_MAX = 10000, FILES_MAX = 1000, OF_SHARES_MAX = 256, ENTRY_MAX = 256 * 1024, TEXT_MAX = 4096 };
enum { TABLE_MAX = 2 * 1024 * 1024 }; /* clients make it as long as they will: what is behind that is not told */

struct reading {
        struct arena *arena;
        client *list;
        size_t count;
};

/* --- one member after the other of an object of any size, without a tree of it --- */

static const char *string_end(const char *at, const char *end)
{
        for (at++; at < end && *at != '"'; at++)
                at += *at == '\\';
        return at < end ? at + 1 : end;
}

/* Behind the value that begins there: at a comma or the end of what it lies in. */
static const char *value_end(const char *at, const char *end)
{
        size_t depth = 0;
        while (at < end) {
                if (*at == '"') {
                        at = string_end(at, end);
                        continue;
                }
                if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
                        return at;
                depth += *at == '{' || *at == '[';
                depth -= *at == '}' || *at == ']';
                at++;
        }
        return end;
}

typedef void take_member(struct reading *reading, const struct json *value);

static void each(struct reading *reading, const struct json_place *object, take_member *take)
{
        const char *at = object->value, *end = at ? at + object->length : NULL;
        if (!at || *at != '{')
                return;
        for (at++; at < end;) {
                const char *key = memchr(at, '"', (size_t)(end - at));
                const char *colon = key ? string_end(key, end) : end;
                colon = colon < end ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
                if (!colon)
                        return;
                at = value_end(colon + 1, end);
                struct failure failure = {0};
                size_t length = (size_t)(at - colon - 1);
                const struct json *value =
                        length <= ENTRY_MAX ? json_parse_in(reading->arena, colon + 1, length, &failure) : NULL;
                if (json_type_of(value) == JSON_OBJECT)
                        take(reading, value);
                at++;
        }
}

/* --- what members say --- */

static const char *text_of(const struct json *object, const char *name)
{
        const struct json *value = json_type_of(object) == JSON_OBJECT ? json_member(object, name) : NULL;
        size_t length = 0;
        const char *text = json_type_of(value) == JSON_TEXT ? json_text(value, &length) : "";
        return length <= TEXT_MAX ? text : "";
}

static int64_t process_of(const struct json *object)
{
        const struct json *server = json_member(object, "server_id");
        return strtoll(text_of(server, "pid"), NULL, 10);
}

static client *client_of(struct reading *reading, int64_t process)
{
        for (size_t i = 0; i < reading->count; i++)
                if (reading->list[i].id == process)
                        return &reading->list[i];
        return NULL;
}

static bool is_on(const struct json *object, const char *what)
{
        const char *degree = text_of(json_member(object, what), "degree");
        return *degree != '\0' && strcmp(degree, "none") != 0;
}

static void take_session(struct reading *reading, const struct json *session)
{
        int64_t process = process_of(session);
        if (process <= 0 || reading->count >= CLIENTS_MAX || client_of(reading, process))
                return;
        reading->list[reading->count++] = (client){
                .id = process,
                .username = text_of(session, "username"),
                .address = text_of(session, "remote_machine"),
                .protocol = text_of(session, "session_dialect"),
                .encrypted = is_on(session, "encryption"),
                .signing = is_on(session, "signing"),
        };
}

static void take_share(struct reading *reading, const struct json *connection)
{
        client *one = client_of(reading, process_of(connection));
        const char *share = text_of(connection, "service");
        if (!one || one->shares_count >= OF_SHARES_MAX || !value_is(&value_share_name, share, strlen(share)))
                return;
        const char **list = (const char **)(uintptr_t)one->shares;
        if (!list)
                one->shares = list = arena_array(reading->arena, OF_SHARES_MAX, sizeof(*list));
        list[one->shares_count++] = share;
        one->encrypted = one->encrypted || is_on(connection, "encryption");
}

void smb_client_opens(client *one, const open_file *file, struct arena *arena)
{
        ASSERT(one && file && arena);
        open_file *list = (open_file *)(uintptr_t)one->files;
        if (one->files_count >= FILES_MAX)
                return;
        if (!list)
                one->files = list = arena_array(arena, FILES_MAX, sizeof(*list));
        list[one->files_count++] = *file;
}

struct file_of {
        struct reading *reading;
        const struct json *file;
};

static bool take_open(const char *name, const struct json *opened, void *context)
{
        const struct file_of *of = context;
        (void)name;
        client *one = json_type_of(opened) == JSON_OBJECT ? client_of(of->reading, process_of(opened)) : NULL;
        const char *access = text_of(json_member(opened, "access_mask"), "text");
        const open_file file = {.folder = text_of(of->file, "service_path"),
                                .name = text_of(of->file, "filename"),
                                .writes = strchr(access, 'W') != NULL,
                                .others = text_of(json_member(opened, "sharemode"), "text")};
        if (one)
                smb_client_opens(one, &file, of->reading->arena);
        return true;
}

static void take_file(struct reading *reading, const struct json *file)
{
        struct file_of of = {.reading = reading, .file = file};
        const struct json *opens = json_member(file, "opens");
        if (json_type_of(opens) == JSON_OBJECT)
                json_each(opens, take_open, &of);
}

/* One of the tool's answers, or all of them in one. True: it says what is open. */
static bool read_answer(struct reading *reading, const char *text, size_t length)
{
        struct json_place places[] = {{.name = "sessions"}, {.name = "tcons"}, {.name = "open_files"}};
        if (json_spans(text, length, places, ARRAY_SIZE(places)) != 0)
                return false;
        each(reading, &places[0], take_session);
        each(reading, &places[1], take_share);
        each(reading, &places[2], take_file);
        return places[2].value != NULL;
}

/* The tool gives up on what is open when somebody opened a file with a right that it does not know (Samba 4.17: to take
 * ownership); then its table has to do. */
size_t smb_clients_read(const char *text, size_t length, struct arena *arena, const client **ret_clients)
{
        ASSERT(text && arena && ret_clients);
        struct reading reading = {.arena = arena, .list = arena_array(arena, CLIENTS_MAX, sizeof(client))};
        const char *end = text + length, *table = NULL;
        bool told = false;
        for (const char *at = text, *line; at < end; at = line + 1) {
                line = memchr(at, '\n', (size_t)(end - at));
                line = line ? line : end;
                if (*at == '{')
                        told = read_answer(&reading, at, (size_t)(line - at)) || told;
                else if (!table)
                        table = at;
        }
        const size_t rows = table ? (size_t)(end - table) : 0;
        const char *rest = table ? arena_text(arena, table, rows < TABLE_MAX ? rows : TABLE_MAX) : "";
        if (!told)
                smb_opens_read(rest, reading.list, reading.count, arena);
        smb_locks_read(rest, reading.list, reading.count, arena);
        *ret_clients = reading.list;
        return reading.count;
}
