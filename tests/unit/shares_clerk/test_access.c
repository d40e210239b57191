/* What the file system lets somebody do: by mode, by ACL, and with bytes that are no ACL.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/shares/clerk/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t gids[] = {20001, 20100};
static const struct person alice = {.name = "alice", .uid = 20001, .gids = gids, .gid_count = 2};

static bool by_mode(uint32_t uid, uint32_t gid, uint16_t mode, unsigned wanted)
{
        const struct folder folder = {.path = "/srv/tank/x", .uid = uid, .gid = gid, .mode = mode};
        return folder_allows(&folder, &alice, wanted);
}

static void modes(void **state)
{
        (void)state;
        assert_true(by_mode(20001, 0, 0700, MAY_READ | MAY_WRITE | MAY_SEARCH));
        assert_false(by_mode(20001, 20001, 0077, MAY_READ)); /* the owner is the owner alone */
        assert_true(by_mode(0, 20100, 0770, MAY_WRITE));
        assert_false(by_mode(0, 20100, 0707, MAY_READ)); /* and who is in the group is no other */
        assert_false(by_mode(0, 0, 0770, MAY_SEARCH));
        assert_true(by_mode(0, 0, 0775, MAY_READ | MAY_SEARCH));
        assert_false(by_mode(0, 0, 0775, MAY_WRITE));
}

static size_t entry(uint8_t *at, unsigned tag, unsigned allows, uint32_t id)
{
        const uint8_t bytes[] = {
                (uint8_t)tag,       0, (uint8_t)allows, 0, (uint8_t)id, (uint8_t)(id >> 8), (uint8_t)(id >> 16),
                (uint8_t)(id >> 24)};
        memcpy(at, bytes, sizeof(bytes));
        return sizeof(bytes);
}

/* One of a named user or group, and a mask. */
static bool by_acl(unsigned tag, uint32_t id, unsigned allows, unsigned mask, unsigned wanted)
{
        uint8_t acl[64] = {2, 0, 0, 0};
        size_t length = 4;
        length += entry(acl + length, 1, 7, 0);
        length += entry(acl + length, tag, allows, id);
        length += entry(acl + length, 4, 0, 0);
        length += entry(acl + length, 16, mask, 0);
        length += entry(acl + length, 32, 1, 0);
        const struct folder folder = {.path = "/srv/tank/x", .mode = 0777, .acl = acl, .acl_length = length};
        return folder_allows(&folder, &alice, wanted);
}

static void acls(void **state)
{
        (void)state;
        assert_true(by_acl(2, 20001, 6, 7, MAY_READ | MAY_WRITE));
        assert_false(by_acl(2, 20001, 6, 4, MAY_WRITE)); /* the mask */
        assert_false(by_acl(2, 20001, 0, 7, MAY_SEARCH));
        assert_true(by_acl(8, 20100, 5, 7, MAY_READ | MAY_SEARCH));
        assert_false(by_acl(8, 20100, 4, 7, MAY_SEARCH)); /* in a group: the others' right does not count */
        assert_true(by_acl(8, 20999, 7, 7, MAY_SEARCH));
        assert_false(by_acl(8, 20999, 7, 7, MAY_READ));
}

static void what_is_none(void **state)
{
        (void)state;
        uint8_t bytes[256];
        for (unsigned seed = 0; seed < 10000; seed++) {
                size_t length = seed % sizeof(bytes);
                for (size_t i = 0; i < length; i++)
                        bytes[i] = (uint8_t)(seed * 31 + i * seed);
                uint8_t *copy = mem_new(length + 1, 1);
                memcpy(copy, bytes, length);
                if (length > 0)
                        copy[0] = seed % 2 ? 2 : copy[0];
                const struct folder folder = {.path = "/srv/tank/x", .mode = 0, .acl = copy, .acl_length = length};
                (void)folder_allows(&folder, &alice, MAY_READ);
                free(copy);
        }
        const uint8_t short_one[] = {2, 0, 0, 0, 1};
        const struct folder folder = {.path = "/srv/tank/x", .mode = 0755, .acl = short_one, .acl_length = 5};
        assert_true(folder_allows(&folder, &alice, MAY_READ)); /* then the mode counts */
}

static void where_from(void **state)
{
        static const char *const home[] = {"192.168.1.0/24", "fd00::/8"}, *const one[] = {"192.168.1.9"};
        static const struct {
                const char *address;
                bool of_neither, of_home, but_one, home_but_one, one_but_home;
        } cases[] = {
                {"192.168.1.7", true, true, true, true, false}, {"192.168.1.9", true, true, false, true, true},
                {"10.0.0.1", true, false, true, true, true},    {"fd00::1", true, true, true, true, false},
                {"127.0.0.1", true, true, true, true, true},    {"::ffff:192.168.1.7", true, true, true, true, false}};
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *from = cases[i].address;
                assert_int_equal(hosts_allow(NULL, 0, NULL, 0, from), cases[i].of_neither);
                assert_int_equal(hosts_allow(home, 2, NULL, 0, from), cases[i].of_home);
                assert_int_equal(hosts_allow(NULL, 0, one, 1, from), cases[i].but_one);
                assert_int_equal(hosts_allow(home, 2, one, 1, from), cases[i].home_but_one);
                assert_int_equal(hosts_allow(one, 1, home, 2, from), cases[i].one_but_home);
        }
        assert_false(hosts_allow(NULL, 0, NULL, 0, "nowhere"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(modes), cmocka_unit_test(acls),
                                           cmocka_unit_test(where_from), cmocka_unit_test(what_is_none)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
