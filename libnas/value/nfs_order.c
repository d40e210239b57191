/* Reading the order for an export, strictly, and saying it as exports(5) wants it.
 * Rights: none; pure functions. Used by what PID 1 runs as root. */
#include "value/nfs_order.h"

#include "base/log.h"
#include "value/nfs.h"
#include "value/types.h"

#include <string.h>

static bool is(const struct value_type *type, const char *text)
{
        return text && *text != '\0' && value_is(type, text, strlen(text));
}

/* The next line is exactly this. */
static bool says(char **text, const char *wanted)
{
        const char *line = strsep(text, "\n");
        return line && strcmp(line, wanted) == 0;
}

/* "# CREATED PATH" */
static bool begins(char **text)
{
        char *line = strsep(text, "\n");
        if (!line || strncmp(line, "# ", 2) != 0)
                return false;
        line += 2;
        const char *created = strsep(&line, " ");
        return is(&value_timestamp, created) && is(&value_nfs_path, line);
}

static bool named(char **text, struct nfs_order *order)
{
        static const char before[] = "\tPseudo = \"/", after[] = "\";";
        char *line = strsep(text, "\n"), *end = line ? strstr(line, after) : NULL;
        if (!end || strcmp(end, after) != 0 || strncmp(line, before, strlen(before)) != 0)
                return false;
        *end = '\0';
        order->name = line + strlen(before);
        return is(&value_share_name, order->name);
}

static bool ends(const char *line, const char *rest)
{
        return strcmp(line, "\tFSAL { Name = VFS; }") == 0 && rest &&
               (strcmp(rest, "}") == 0 || strcmp(rest, "}\n") == 0);
}

/* Its clients, and nothing behind them but what the server needs to be told of every export. */
static bool read_clients(char *text, struct nfs_order *order)
{
        for (char *line; (line = strsep(&text, "\n"));) {
                if (ends(line, text))
                        return true;
                if (line[0] != '\t' || order->count == NFS_CLIENTS_MAX || !is(&value_nfs_block, line + 1))
                        return false;
                order->blocks[order->count++] = line + 1;
        }
        return false;
}

bool nfs_order_read(struct arena *arena, const char *file, char *text, struct nfs_order *ret_order)
{
        ASSERT(arena && file && text && ret_order);
        struct nfs_order order = {.number = arena_text(arena, file, strcspn(file, "."))};
        if (strcmp(file + strlen(order.number), ".on") != 0 || !is(&value_nfs_number, order.number) || !begins(&text) ||
            !says(&text, "EXPORT {") || !says(&text, arena_printf(arena, "\tExport_Id = %s;", order.number)) ||
            !says(&text, arena_printf(arena, "\tPath = \"/run/bulkhead/nfs/%s\";", order.number)) ||
            !named(&text, &order) || !text || !read_clients(text, &order))
                return false;
        *ret_order = order;
        return true;
}

/* --- as exports(5) --- */

/* Whatever might mean something there is written as its number. */
static const char *escaped(struct arena *arena, const char *name)
{
        char *out = arena_alloc(arena, 4 * strlen(name) + 1), *at = out;
        for (; *name; name++) {
                const unsigned byte = (unsigned char)*name;
                if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')) {
                        *at++ = *name;
                        continue;
                }
                *at++ = '\\';
                *at++ = (char)('0' + (byte >> 6));
                *at++ = (char)('0' + (byte >> 3 & 7));
                *at++ = (char)('0' + (byte & 7));
        }
        return out;
}

/* One address is the smallest of networks, so that of addresses and networks the first that fits counts: the kernel's
 * server would have an address count before all networks. That there is no limit is said by a mask: its server shifts by
 * what follows the slash, and takes 0 for one address. */
static const char *host_of(struct arena *arena, const char *host)
{
        if (is(&value_address, host))
                return arena_printf(arena, "%s/%s", host, strchr(host, ':') ? "128" : "32");
        const char *slash = strchr(host, '/');
        if (!slash || strcmp(slash, "/0") != 0)
                return host;
        return arena_printf(arena, "%.*s/%s", (int)(slash - host), host, strchr(host, ':') ? "::" : "0.0.0.0");
}

/* "sync" and what else matters is said although it is so: what is not said has been otherwise in other versions. Any
 * port may ask, since clients that are not Linux ask from high ones; "mp": nothing is served where nothing is mounted.
 * "fsid" is what clients know the export by, whatever device it comes to lie on. */
static const char *options_of(struct arena *arena, const struct nfs_client *client, const char *number)
{
        static const char *const squashes[] = {[NFS_SQUASH_NONE] = "no_root_squash,no_all_squash",
                                               [NFS_SQUASH_ROOT] = "root_squash,no_all_squash",
                                               [NFS_SQUASH_ALL] = "root_squash,all_squash"};
        char security[NFS_SECURITY_SIZE];
        nfs_security_write(client, ":", security);
        return arena_printf(arena, "sec=%s,%s,%s,anonuid=%u,anongid=%u,sync,insecure,no_subtree_check,mp,fsid=%s",
                            security, client->read_only ? "ro" : "rw", squashes[client->squash], client->anonymous_uid,
                            client->anonymous_gid, number);
}

const char *nfs_order_line(struct arena *arena, const struct nfs_order *order)
{
        ASSERT(arena && order && order->count <= NFS_CLIENTS_MAX);
        const char *line = "";
        for (size_t i = 0; i < order->count; i++) {
                struct nfs_client client;
                if (nfs_block_read(order->blocks[i], strlen(order->blocks[i]), &client))
                        line = arena_printf(arena, "%s %s(%s)", line, host_of(arena, client.host),
                                            options_of(arena, &client, order->number));
        }
        return *line ? arena_printf(arena, "/%s%s\n", escaped(arena, order->name), line) : line;
}
