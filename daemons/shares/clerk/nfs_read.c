/* An export as its file says it.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/nfs.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

static void read_client(const char *line, nfs_export *export, const char **list, struct arena *arena)
{
        struct nfs_client client;
        if (export->clients_count == NFS_CLIENTS_MAX || !nfs_block_read(line, strlen(line), &client))
                return;
        char *text = arena_alloc(arena, NFS_CLIENT_SIZE);
        nfs_client_write(&client, text);
        list[export->clients_count++] = text;
}

bool nfs_read(const char *file, char *text, struct arena *arena, nfs_export *ret_export)
{
        ASSERT(file && text && arena && ret_export);
        static const char pseudo[] = "\tPseudo = \"/";
        const char **list = arena_array(arena, NFS_CLIENTS_MAX, sizeof(*list));
        nfs_export export = {.name = "", .clients = list};
        char *state, *first = strsep(&text, "\n");
        export.id = strtol(file, &state, 10);
        export.enabled = strcmp(state, ".on") == 0;
        if (strncmp(first, "# ", 2) != 0 || (!export.enabled && strcmp(state, ".off") != 0))
                return false;
        first += 2;
        export.created_at = strsep(&first, " ");
        export.path = first;
        for (char *line; (line = strsep(&text, "\n"));)
                if (strncmp(line, pseudo, strlen(pseudo)) == 0) {
                        export.name = line + strlen(pseudo);
                        line[strcspn(line, ";") - 1] = '\0';
                } else if (*line == '\t') {
                        read_client(line + 1, &export, list, arena);
                }
        if (export.id < 1 || export.id > NFS_ID_MAX || !export.path ||
            !value_is(&value_nfs_path, export.path, strlen(export.path)) ||
            !value_is(&value_share_name, export.name, strlen(export.name)) ||
            !value_is(&value_timestamp, export.created_at, strlen(export.created_at)))
                return false;
        *ret_export = export;
        return true;
}
