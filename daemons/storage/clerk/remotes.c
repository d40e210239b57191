/* Other machines that snapshots are sent to: who they are, which the hand wrote, and what they said, which whoever
 * sends to them wrote down. All of the latter comes from strangers.
 * Rights: the storage clerk; reads files. */
#include "daemons/storage/clerk/replications.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/etc/bulkhead/remotes"
#define SAID   "/var/lib/bulkhead/remotes"
#define HOSTS  ".hosts"
enum { REMOTES_MAX = 64, NAMES_MAX = 4 * REMOTES_MAX, SAY_MAX = 255, KEY_BYTES_MAX = 1024 };

static struct {
        int folder, said;
        struct arena *arena;
        struct remote list[REMOTES_MAX];
        size_t count;
} all = {.folder = -1, .said = -1};

int remotes_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        all.folder = open(FOLDER, flags);
        all.said = open(SAID, flags);
        return all.folder >= 0 && all.said >= 0 ? 0 : -errno;
}

static char *text_of(int folder, const char *name, const char *ending)
{
        const char *text = machine_text(folder, arena_printf(all.arena, "%s%s", name, ending), all.arena);
        return text ? arena_text(all.arena, text, strlen(text)) : NULL;
}

/* The line "NAME KEY" that the hand wrote. */
static const char *trusted(const char *name)
{
        char *text = text_of(all.folder, name, HOSTS);
        return order_line(&text, arena_printf(all.arena, "%s ", name), &value_ssh_key);
}

static bool read_one(const char *name, struct remote *ret_remote)
{
        if (value_check(&value_schedule, "", name, strlen(name), NULL) != 0)
                return false;
        struct remote one = {.name = name};
        char *rest = text_of(all.folder, name, ""), *said = text_of(all.said, name, ".remote");
        const char *same = order_line(&rest, "Host ", &value_schedule);
        one.address = order_line(&rest, "HostName ", &value_remote_host);
        const char *port = order_line(&rest, "Port ", &value_number);
        one.user = order_line(&rest, "User ", &value_owner);
        if (!same || !one.address || !port || !one.user)
                return false;
        one.port = strtoll(port, NULL, 10);
        one.trusted = trusted(name);
        one.key = order_line(&said, "key ", &value_ssh_key);
        one.offers = order_line(&said, "offers ", &value_ssh_key);
        const char *says = order_line(&said, "says ", NULL);
        if (says && strlen(says) <= SAY_MAX && text_printable(says, strlen(says)))
                one.says = says;
        *ret_remote = one;
        return true;
}

void remotes_read(void)
{
        const char *const *names;
        if (all.folder < 0)
                return;
        arena_free(all.arena);
        all.arena = arena_new();
        all.count = 0;
        size_t count = machine_names(all.folder, ".", NAMES_MAX, all.arena, &names);
        for (size_t i = 0; i < count && all.count < REMOTES_MAX; i++)
                if (read_one(names[i], &all.list[all.count]))
                        all.count++;
        if (topics.remotes)
                topic_changed(topics.remotes);
}

size_t remote_count(void)
{
        return all.count;
}

const struct remote *remote_at(size_t index)
{
        ASSERT(index < all.count);
        return &all.list[index];
}

const struct remote *remote_named(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.list[i].name, name) == 0)
                        return &all.list[i];
        return NULL;
}

static void swap(char *text, const char *from, const char *to)
{
        for (; *text; text++)
                if (strchr(from, *text))
                        *text = to[strchr(from, *text) - from];
}

const char *remote_fingerprint(const char *key, struct arena *arena)
{
        ASSERT(key && arena);
        uint8_t bytes[KEY_BYTES_MAX], hash[HASH_BYTES];
        char print[TEXT_BASE64_SIZE(HASH_BYTES)];
        const char *body = strchr(key, ' ');
        const size_t length = body ? strcspn(body + 1, " =") : 0;
        char *copy = arena_text(arena, body ? body + 1 : "", length);
        swap(copy, "+/", "-_");
        long size = text_unbase64(copy, length, bytes, sizeof(bytes));
        crypto_sha256(bytes, size > 0 ? (size_t)size : 0, hash);
        text_base64(hash, sizeof(hash), print);
        swap(print, "-_", "+/");
        return arena_printf(arena, "SHA256:%s", print);
}

static bool read_uuid(const char *line, uint8_t uuid[TREE_UUID_BYTES])
{
        static const size_t parts[] = {8, 4, 4, 4, 12};
        if (!value_is(&value_uuid, line, value_uuid.max_bytes))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(parts); line += parts[i++] + 1) {
                if (text_unhex(line, parts[i], uuid, parts[i] / 2) != 0)
                        return false;
                uuid += parts[i] / 2;
        }
        return true;
}

const struct tree *remote_tree(const char *text, const char *folder, struct arena *arena)
{
        ASSERT(text && folder && arena);
        const size_t uuid = value_uuid.max_bytes;
        struct tree *tree = arena_alloc(arena, sizeof(*tree));
        for (const char *at = text; (at = strchr(at, '\n')); at++)
                tree->room++;
        tree->subvolumes = arena_array(arena, tree->room + 1, sizeof(*tree->subvolumes));
        for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
                end = line + strcspn(line, "\n");
                const size_t length = (size_t)(end - line);
                struct subvolume one = {.read_only = true, .whole_path = true, .number = tree->subvolume_count + 1};
                if (length <= uuid + 1 || line[uuid] != ' ' || !read_uuid(line, one.received_uuid) ||
                    value_check(&value_snapshot, "", line + uuid + 1, length - uuid - 1, NULL) != 0)
                        continue;
                one.name = arena_text(arena, line + uuid + 1, length - uuid - 1);
                one.path = arena_printf(arena, SNAPSHOTS "/%s/%s", folder, one.name);
                tree->subvolumes[tree->subvolume_count++] = one;
        }
        return tree;
}

const struct tree *remote_snapshots(const char *order, const char *to, struct arena *arena)
{
        const char *text = machine_text(all.said, arena_printf(arena, "%s.there", order), arena);
        const size_t length = strlen(to);
        const bool same = text && strncmp(text, to, length) == 0 && text[length] == '\n';
        return remote_tree(same ? text + length + 1 : "", FAR_FOLDER, arena);
}
