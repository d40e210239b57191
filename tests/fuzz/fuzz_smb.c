/* What the shares clerk reads of others: the file of a share, the server's and what smbstatus and NFS servers say of
 * clients, who choose the names in it. The first byte chooses. Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/shares/clerk/domain.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void one_share(char *text, struct arena *arena)
{
        smb_share share;
        const char *lines[SMB_LINES_MAX];
        if (!smb_read(text, arena, &share))
                return;
        ASSERT(share.id > 0 && value_is(&value_served_path, share.path, strlen(share.path)));
        ASSERT(value_is(&value_share_name, share.name, strlen(share.name)));
        ASSERT(smb_lines(&share, "/srv/tank/x", arena, lines) <= SMB_LINES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *copy = mem_new(length, 1); /* so that one byte too far is seen */
        memcpy(copy, bytes + 1, length - 1);
        const struct nas_shares_smb_client *clients;
        const struct nas_shares_nfs_client *nfs_clients;
        switch (bytes[0] % 6) {
        case 0:
                one_share(copy, arena);
                break;
        case 1:
                smb_server_read(copy);
                break;
        case 3: {
                const struct domain domain = domain_read(copy);
                const char *lines[DOMAIN_LINES];
                if (domain.realm)
                        domain_lines(&domain, arena, lines);
                for (size_t i = 0; domain.realm && i < DOMAIN_LINES; i++)
                        ASSERT(value_is(&value_domain_setting, lines[i], strlen(lines[i])));
                break;
        }
        case 4: {
                const struct domain_found found = domain_found_read(copy);
                ASSERT(!found.workgroup || value_is(&value_workgroup, found.workgroup, strlen(found.workgroup)));
                break;
        }
        case 5:
                ASSERT(nfs_clients_read(copy, arena, &nfs_clients) <= 10000);
                break;
        default:
                ASSERT(smb_clients_read(copy, length - 1, arena, &clients) <= 10000);
        }
        free(copy);
        return 0;
}
