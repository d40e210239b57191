/* What would let somebody into a folder: that it does, that it gives no more than it has to, and that it takes nothing
 * from anybody but root.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/shares/clerk/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
        ROOT = 0,
        ALICE = 20001,
        BOB = 20002,
        FAMILY = 20100,
        BAND = 20101,
        ADMINS = 20102,
        CHOIR = 20103,
        ELSEWHERE = 200001234
};
enum { DATASET = 257, READS = MAY_READ | MAY_SEARCH, WRITES = MAY_WRITE | MAY_SEARCH };

static const char *const bobs[] = {"bob"}, *const both[] = {"alice", "bob"};
static const struct account list[] = {
        {.name = "root"}, {.name = "alice", .uid = ALICE, .gid = ALICE}, {.name = "bob", .uid = BOB, .gid = BOB}};
static struct account_group groups[] = {{.name = "root"},
                                        {.name = "alice", .gid = ALICE},
                                        {.name = "bob", .gid = BOB},
                                        {.name = "choir", .gid = CHOIR, .members = bobs, .member_count = 1},
                                        {.name = "band", .gid = BAND, .members = bobs, .member_count = 1},
                                        {.name = "family", .gid = FAMILY, .members = both, .member_count = 2},
                                        {.name = "bulkhead-admin", .gid = ADMINS, .members = bobs, .member_count = 1}};
static const struct accounts accounts = {list, ARRAY_SIZE(list), groups, ARRAY_SIZE(groups)};
static const uint32_t gids[] = {ALICE, FAMILY}, far_gids[] = {ELSEWHERE};
static const struct person alice = {.name = "alice", .uid = ALICE, .gids = gids, .gid_count = ARRAY_SIZE(gids)},
                           far = {.name = "carol@directory",
                                  .uid = ELSEWHERE,
                                  .gids = far_gids,
                                  .gid_count = 1,
                                  .of = PERSON_OF_DIRECTORY};

static struct folder folder_of(uint32_t uid, uint32_t gid, uint16_t mode, uint64_t number)
{
        return (struct folder){
                .path = "/srv/tank/x", .uid = uid, .gid = gid, .mode = mode, .dataset = number > 0, .number = number};
}

static bool same(const char *one, const char *other)
{
        return one && other ? strcmp(one, other) == 0 : one == other;
}

static void mends(const struct folder *folder, const struct person *person, unsigned wanted, struct mending should)
{
        struct mending is;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_false(folder_allows(folder, person, wanted));
        if (!folder_mend(folder, person, &accounts, wanted, arena, &is))
                fail_msg("nothing mends %u:%u %04o", folder->uid, folder->gid, folder->mode);
        if (!same(is.joins, should.joins) || !same(is.owner, should.owner) || !same(is.group, should.group) ||
            (!is.joins && is.mode != should.mode))
                fail_msg("%u:%u %04o: joins %s, owner %s, group %s, mode %04o", folder->uid, folder->gid, folder->mode,
                         is.joins, is.owner, is.group, is.mode);
}

static void mends_dataset(uint32_t uid, uint32_t gid, uint16_t mode, unsigned wanted, struct mending should)
{
        const struct folder folder = folder_of(uid, gid, mode, DATASET);
        mends(&folder, &alice, wanted, should);
}

static void nothing_mends(const struct folder *folder, const struct person *person, unsigned wanted)
{
        struct mending is;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_false(folder_mend(folder, person, &accounts, wanted, arena, &is));
}

static void what_is_roots(void **state)
{
        (void)state;
        mends_dataset(ROOT, ROOT, 0755, WRITES, (struct mending){.group = "alice", .mode = 0775});
        mends_dataset(ROOT, ROOT, 02700, READS, (struct mending){.group = "alice", .mode = 02750});
        mends_dataset(ROOT, ROOT, 0705, WRITES, (struct mending){.group = "alice", .mode = 0775}); /* she reads still */
        mends_dataset(ROOT, ALICE, 0750, WRITES, (struct mending){.mode = 0770});
        mends_dataset(ROOT, BOB, 0770, READS, (struct mending){.owner = "alice", .mode = 0770}); /* bob's stays */
        const struct folder folder = folder_of(ROOT, ROOT, 0555, DATASET);
        mends(&folder, &far, WRITES, (struct mending){.owner = "carol@directory", .mode = 0755});
}

static void what_is_others(void **state)
{
        (void)state;
        mends_dataset(BOB, BOB, 0700, WRITES, (struct mending){.group = "alice", .mode = 0730});
        mends_dataset(BOB, ROOT, 0755, WRITES, (struct mending){.group = "alice", .mode = 0775});
        mends_dataset(BOB, FAMILY, 0750, WRITES, (struct mending){.mode = 0770});
        mends_dataset(ALICE, FAMILY, 0577, WRITES, (struct mending){.mode = 0777});
        const struct folder taken = folder_of(BOB, BAND, 0750, DATASET), others = folder_of(BOB, ROOT, 0700, DATASET);
        nothing_mends(&taken, &alice, WRITES); /* it would have to be taken from the band, or given to all */
        nothing_mends(&others, &far, READS);
        groups[1].members = bobs; /* her own group is not hers alone */
        groups[1].member_count = 1;
        nothing_mends(&others, &alice, WRITES);
        groups[1].member_count = 0;
}

static void a_group_that_may(void **state)
{
        (void)state;
        const struct mending band = {.joins = "band"};
        const struct folder inside = folder_of(ROOT, BAND, 0770, 0), never = folder_of(ROOT, ADMINS, 0770, 0),
                            bob = folder_of(BOB, BOB, 0770, 0), pool = folder_of(ROOT, ROOT, 0700, 5);
        mends_dataset(ROOT, BAND, 0770, WRITES, band);
        mends(&inside, &alice, WRITES, band);
        nothing_mends(&inside, &far, WRITES);
        nothing_mends(&never, &alice, WRITES); /* no role for the sake of a folder */
        nothing_mends(&bob, &alice, WRITES);
        nothing_mends(&pool, &alice, READS);
}

/* Of two groups the one that may only what is wanted. */
static void the_group_that_may_less(void **state)
{
        (void)state;
        uint8_t acl[] = {2, 0, 0,    0,    1, 0, 7,  0, 0, 0, 0, 0, 4, 0, 7,  0, 0, 0, 0, 0, 8, 0,
                         5, 0, 0x85, 0x4e, 0, 0, 16, 0, 7, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0};
        struct folder folder = folder_of(BOB, CHOIR, 0770, 0);
        folder.acl = acl;
        folder.acl_length = sizeof(acl);
        mends(&folder, &alice, READS, (struct mending){.joins = "band"});
        mends(&folder, &alice, WRITES, (struct mending){.joins = "choir"});
        acl[24] = CHOIR & 0xff; /* and the other way round */
        folder.gid = BAND;
        mends(&folder, &alice, READS, (struct mending){.joins = "choir"});
}

static void with_an_acl(void **state)
{
        (void)state;
        uint8_t acl[] = {2, 0, 0, 0, 1, 0,  7, 0, 0, 0, 0, 0, 2, 0,  5, 0, 0x21, 0x4e, 0, 0, 4, 0, 7,
                         0, 0, 0, 0, 0, 16, 0, 7, 0, 0, 0, 0, 0, 32, 0, 0, 0,    0,    0, 0, 0}; /* of alice: to read */
        struct folder folder = folder_of(BOB, BAND, 0770, DATASET);
        folder.acl = acl;
        folder.acl_length = sizeof(acl);
        nothing_mends(&folder, &alice, WRITES); /* her entry comes before all groups, and a mode's part is the mask */
        folder.uid = ROOT;
        mends(&folder, &alice, WRITES, (struct mending){.owner = "alice", .mode = 0770});
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_roots), cmocka_unit_test(what_is_others),
                                           cmocka_unit_test(a_group_that_may),
                                           cmocka_unit_test(the_group_that_may_less), cmocka_unit_test(with_an_acl)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
