/* Exports over NFS: each is mounted for the server alone, since it serves whole file systems. By the name of the
 * dataset, which the kernel looks up in the pool and nowhere else, whatever lies in the way. Rights: root, run by PID
 * 1; reads /etc/bulkhead/nfs and pools there, and writes where PID 1 says. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NFS "/etc/bulkhead/nfs"

struct export
{
        const char *number, *dataset; /* NULL: the pool itself */
        struct pool pool;
};

static int put_export(int folder, const struct export *export)
{
        char text[UNIT_SIZE];
        const struct pool *pool = &export->pool;
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" NFS "/%s.on\n"
                 "Requires=bulkhead-mount@%s.service\nAfter=bulkhead-mount@%s.service srv-%s.mount\n"
                 "StopPropagatedFrom=srv-%s.mount\n\n[Service]\n"
                 "ExecStart=\nExecStart=/usr/bin/mount -t btrfs \"-osubvol=/%s,nosuid,nodev,noexec%s\" "
                 "/dev/disk/by-uuid/%s "
                 "/run/bulkhead/nfs/%s\n",
                 export->number, pool->name, pool->name, pool->name, pool->name, export->dataset ? export->dataset : "",
                 pool->options, pool->uuid, export->number);
        int result = put_beside(folder, "bulkhead-export", export->number, text);
        if (result == 0)
                result = link_shipped(folder, WANTED, "bulkhead-export", export->number);
        return result == 0 ? begin_shipped_with_mount(folder, pool->name, "bulkhead-export", export->number) : result;
}

/* "/srv/POOL", or with "/DATASET" behind it. Its pool may be none of ours: then there is nothing to mount. */
static bool make_of(struct export *export, char *path, int folder)
{
        CLEANUP_FD int pools = open(POOLS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        char *pool = path + strlen("/srv/"), *dataset = strchr(pool, '/');
        if (dataset) {
                *dataset = '\0';
                export->dataset = dataset + 1;
        }
        CLEANUP(textp) char *wanted = pools >= 0 ? file_text(pools, pool, ORDER_MAX) : NULL;
        if (!wanted)
                return true;
        return pool_read(pool, wanted, &export->pool) && pool_is_btrfs(&export->pool) &&
               put_export(folder, export) == 0;
}

/* NUMBER.on: "# CREATED PATH", then what the server reads. */
static bool make_export(int exports, const char *file, int folder)
{
        const size_t length = strcspn(file, ".");
        if (strcmp(file + length, ".on") != 0)
                return true;
        CLEANUP(textp) char *text = file_text(exports, file, EXPORT_MAX);
        char number[NAME_SIZE];
        struct export export = {.number = number};
        snprintf(number, sizeof(number), "%.*s", (int)length, file);
        char *path = text && strncmp(text, "# ", 2) == 0 ? strchr(text + 2, ' ') : NULL;
        if (path)
                path[strcspn(path, "\n")] = '\0';
        if (!path || !is(&value_nfs_number, number) || !is(&value_nfs_path, path + 1)) {
                fprintf(stderr, NFS "/%s is not as the shares hand writes it; no unit is made of it\n", file);
                return false;
        }
        return make_of(&export, path + 1, folder);
}

bool make_exports(int folder)
{
        return each_file(NFS, make_export, folder);
}
