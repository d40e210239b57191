/* bulkhead-quotas: says how much everybody has in a pool that counts it, or lets one of them have no more than so much.
 *
 *     quotas look POOL                 a line each: user|group NUMBER BYTES LIMIT FILES; LIMIT 0: none
 *     quotas of POOL:USER:GROUP        the same of these two; nothing where it is not counted
 *     quotas set POOL:user|group:NUMBER:LIMIT
 *
 * Rights: CAP_SYS_ADMIN, without which the kernel tells nobody of others and sets nothing. Run by PID 1 for a moment;
 * reaches folders of pools alone, and touches no file in them. */
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/quota.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BLOCK = 1024 }; /* in which the kernel counts limits */

static const char *const words[] = {[USRQUOTA] = "user", [GRPQUOTA] = "group"};

static int ask(int pool, unsigned command, unsigned kind, uint32_t number, void *data)
{
        return syscall(__NR_quotactl_fd, pool, QCMD(command, kind), number, data) == 0 ? 0 : -errno;
}

/* Each in turn, until the kernel knows no further one. */
static int print_all(int pool, unsigned kind)
{
        struct if_nextdqblk one;
        int result = 0;
        for (uint64_t number = 0; result == 0 && number <= UINT32_MAX; number = (uint64_t)one.dqb_id + 1) {
                one = (struct if_nextdqblk){0};
                result = ask(pool, Q_GETNEXTQUOTA, kind, (uint32_t)number, &one);
                if (result == 0)
                        printf("%s %u %llu %llu %llu\n", words[kind], one.dqb_id, (unsigned long long)one.dqb_curspace,
                               (unsigned long long)one.dqb_bhardlimit * BLOCK, (unsigned long long)one.dqb_curinodes);
        }
        return result == -ENOENT ? 0 : result;
}

static int look(const char *name)
{
        CLEANUP_FD int pool = file_mounted("/srv", name, O_PATH);
        int result = pool < 0 ? pool : print_all(pool, USRQUOTA);
        return result == 0 ? print_all(pool, GRPQUOTA) : result;
}

static int print_one(int pool, unsigned kind, uint64_t number)
{
        struct if_dqblk one = {0};
        const int result = number < UINT32_MAX ? ask(pool, Q_GETQUOTA, kind, (uint32_t)number, &one) : -EINVAL;
        if (result == 0)
                printf("%s %llu %llu %llu %llu\n", words[kind], (unsigned long long)number,
                       (unsigned long long)one.dqb_curspace, (unsigned long long)one.dqb_bhardlimit * BLOCK,
                       (unsigned long long)one.dqb_curinodes);
        return result == -ENOENT || result == -ESRCH ? 0 : result;
}

static bool read_number(const char *text, uint64_t *ret_number)
{
        if (!text || !value_is(&value_bytes, text, strlen(text)))
                return false;
        *ret_number = strtoull(text, NULL, 10);
        return true;
}

static int look_at(char *order)
{
        const char *name = strsep(&order, ":"), *user = strsep(&order, ":");
        uint64_t uid, gid;
        if (!value_is(&value_pool_name, name, strlen(name)) || !read_number(user, &uid) || !read_number(order, &gid))
                return -EINVAL;
        CLEANUP_FD int pool = file_mounted("/srv", name, O_PATH);
        const int result = pool < 0 ? pool : print_one(pool, USRQUOTA, uid);
        return result == 0 ? print_one(pool, GRPQUOTA, gid) : result;
}

static int set(char *order)
{
        const char *name = strsep(&order, ":"), *word = strsep(&order, ":"), *who = strsep(&order, ":");
        uint64_t number, limit;
        const unsigned kind = word && strcmp(word, words[GRPQUOTA]) == 0 ? GRPQUOTA : USRQUOTA;
        if (!value_is(&value_pool_name, name, strlen(name)) || !word || strcmp(word, words[kind]) != 0 ||
            !read_number(who, &number) || !read_number(order, &limit) || number >= UINT32_MAX)
                return -EINVAL;
        CLEANUP_FD int pool = file_mounted("/srv", name, O_PATH);
        struct if_dqblk one = {.dqb_bhardlimit = (limit + BLOCK - 1) / BLOCK, .dqb_valid = QIF_BLIMITS};
        return pool < 0 ? pool : ask(pool, Q_SETQUOTA, kind, (uint32_t)number, &one);
}

int main(int argc, char **argv)
{
        const char *verb = argc == 3 ? argv[1] : "";
        int result = -EINVAL;
        if (strcmp(verb, "look") == 0 && value_is(&value_pool_name, argv[2], strlen(argv[2])))
                result = look(argv[2]);
        else if (strcmp(verb, "of") == 0)
                result = look_at(argv[2]);
        else if (strcmp(verb, "set") == 0)
                result = set(argv[2]);
        if (result == 0)
                return EXIT_SUCCESS;
        fprintf(stderr, "%s\n", result == -ESRCH ? "this pool does not count who has how much" : strerror(-result));
        return EXIT_FAILURE;
}
