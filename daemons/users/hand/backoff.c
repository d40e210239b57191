/* Delays after wrong tries: 1, 2, 4 ... 60 seconds for an account and for an address, never a hard lock. A browser
 * that signed in before has a bucket of its own, in a part of the table that only such devices get into, so that
 * neither a wrong try nor a flood of them by others keeps the owner out.
 * Rights: the users hand; one file in its directory in /run, mapped, so that it outlives the process. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SETS = 1024, WAYS = 8, DELAY_MAX_S = 60, FORGET_MS = 15 * 60 * 1000, NETWORK_BYTES_6 = 8 };

struct bucket {
        uint64_t name; /* keyed hash of whose it is; 0: free */
        uint64_t until_ms;
        uint32_t failures, spare;
};

struct backoff {
        uint8_t key[32]; /* makes names that nobody outside can aim */
        struct bucket open[SETS][WAYS], known[SETS][WAYS];
};

void backoff_open(struct users *users)
{
        ASSERT(users);
        CLEANUP_FD int fd = openat(users->run, "backoff", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 || ftruncate(fd, sizeof(struct backoff)) != 0)
                log_fatal("backoff: %s", strerror(errno));
        users->backoff = mmap(NULL, sizeof(struct backoff), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (users->backoff == MAP_FAILED)
                log_fatal("backoff: %s", strerror(errno));
        static const uint8_t none[sizeof(users->backoff->key)];
        if (memcmp(users->backoff->key, none, sizeof(none)) == 0)
                crypto_random(users->backoff->key, sizeof(users->backoff->key));
}

static uint64_t name_of(const struct users *users, char kind, const void *bytes, size_t length)
{
        uint8_t text[128] = {(uint8_t)kind}, hash[HASH_BYTES];
        uint64_t name;
        ASSERT(length < sizeof(text));
        memcpy(text + 1, bytes, length);
        crypto_keyed_hash(users->backoff->key, text, length + 1, hash);
        memcpy(&name, hash, sizeof(name));
        return name ? name : 1;
}

struct attempt attempt_by(struct users *users, const char *account, const char *address)
{
        ASSERT(users && account && address);
        struct attempt attempt = {.users = users};
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
        uint8_t bytes[ADDRESS_BYTES];
        if (*account)
                attempt.buckets[attempt.count++] = name_of(users, 'a', account, strlen(account));
        if (address_read(address, bytes))
                attempt.buckets[attempt.count++] =
                        name_of(users, 'n', bytes, memcmp(bytes, mapped, 12) == 0 ? ADDRESS_BYTES : NETWORK_BYTES_6);
        return attempt;
}

struct attempt attempt_by_device(struct users *users, const char *device)
{
        ASSERT(users && device);
        return (struct attempt){
                .users = users, .buckets = {name_of(users, 'd', device, strlen(device))}, .count = 1, .known = true};
}

/* The bucket of that name, or the one to give up for it: a free or forgotten one, else that with the fewest failures. */
static struct bucket *place(const struct attempt *attempt, uint64_t name)
{
        struct backoff *backoff = attempt->users->backoff;
        struct bucket *set = (attempt->known ? backoff->known : backoff->open)[name % SETS], *worst = &set[0];
        uint64_t now = clock_boot_ms();
        for (size_t i = 0; i < WAYS; i++)
                if (set[i].until_ms + FORGET_MS < now)
                        set[i] = (struct bucket){0};
        for (size_t i = 0; i < WAYS; i++) {
                if (set[i].name == name)
                        return &set[i];
                if (set[i].failures < worst->failures)
                        worst = &set[i];
        }
        return worst;
}

int attempt_admit(const struct attempt *attempt, struct failure *failure)
{
        ASSERT(attempt);
        uint64_t now = clock_boot_ms(), until = 0;
        for (size_t i = 0; i < attempt->count; i++) {
                const struct bucket *bucket = place(attempt, attempt->buckets[i]);
                if (bucket->name == attempt->buckets[i] && bucket->until_ms > until)
                        until = bucket->until_ms;
        }
        if (until <= now)
                return 0;
        unsigned wait_s = (unsigned)((until - now + 999) / 1000);
        failure_set(failure, FAILURE_BUSY, "", "Wait, then try again.", "There were too many wrong tries.");
        failure->retry_s = wait_s;
        return -1;
}

void attempt_end(const struct attempt *attempt, bool right)
{
        ASSERT(attempt);
        for (size_t i = 0; i < attempt->count; i++) {
                struct bucket *bucket = place(attempt, attempt->buckets[i]);
                bool mine = bucket->name == attempt->buckets[i];
                if (right) { /* the address keeps its count: who has one account may not clear it for guessing others */
                        if (mine && i == 0)
                                *bucket = (struct bucket){0};
                        continue;
                }
                uint32_t failures = mine ? bucket->failures + 1 : 1;
                unsigned delay_s = failures > 6 ? DELAY_MAX_S : 1u << (failures - 1);
                *bucket = (struct bucket){attempt->buckets[i], clock_boot_ms() + delay_s * 1000ull, failures, 0};
        }
}
