/* Abilities: what a machine, a container and an unknown system are said to be able to do.
 * Rights: a test. */
#include "base/mem.h"
#include "sys/ability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ALL_RIGHTS "Name:\tsystemd\nCapBnd:\t000001ffffffffff\n"
#define FEW_RIGHTS                                                                                                     \
        "Name:\tsystemd\nCapBnd:\t00000000a80425fb\n" /* without SYS_ADMIN, NET_ADMIN, SYS_TIME, SYS_RAWIO             \
                                                       */
#define OWN_USERS   "         0          0 4294967295\n"
#define OTHER_USERS "         0     100000      65536\n"

#define TEXT(words)                                                                                                    \
        ({                                                                                                             \
                static char text_[] = words;                                                                           \
                text_;                                                                                                 \
        })

static struct ability *judge(const struct facts *facts)
{
        static struct ability abilities[32];
        assert_true(abilities_count() <= ARRAY_SIZE(abilities));
        abilities_judge(facts, abilities);
        return abilities;
}

static const struct ability *of(const struct facts *facts, const char *name)
{
        struct ability *abilities = judge(facts);
        for (size_t i = 0; i < abilities_count(); i++)
                if (strcmp(abilities[i].name, name) == 0)
                        return &abilities[i];
        fail_msg("%s is not there", name);
        return NULL;
}

static struct facts machine(void)
{
        return (struct facts){
                .texts = {
                        [FACT_STATUS] = TEXT(ALL_RIGHTS),
                        [FACT_USERS] = TEXT(OWN_USERS),
                        [FACT_FILESYSTEMS] = TEXT("nodev\tsysfs\n\tbtrfs\n"),
                        [FACT_DEVICES] = TEXT("Block devices:\n  7 loop\n254 mdp\n"),
                        [FACT_LOADED] = TEXT("bonding 1 0 - Live 0x0\n"),
                        [FACT_MODULES] = TEXT("kernel/fs/nfsd/nfsd.ko\nkernel/fs/quota/quota_v2.ko\nkernel/drivers/md/"
                                              "md-mod.ko\nkernel/drivers/md/dm-crypt.ko\n"),
                        [FACT_BUILTIN] = TEXT("kernel/net/8021q/8021q.ko\n"),
                        [FACT_CONTROLLERS] = TEXT("cpu io memory pids\n"),
                }};
}

static void a_machine_can_all(void **state)
{
        struct facts facts = machine();
        (void)state;
        struct ability *abilities = judge(&facts);
        for (size_t i = 0; i < abilities_count(); i++) {
                if (abilities[i].state != ABILITY_YES)
                        fail_msg("%s: %s", abilities[i].name, abilities[i].reason);
                assert_string_equal(abilities[i].reason, "");
                assert_null(abilities[i].next);
        }
}

static void a_container_of_other_users_cannot(void **state)
{
        static const char *const cannot[] = {"pools",       "encryption", "arrays", "images",
                                             "disk_health", "nfs_server", "clock"};
        struct facts facts = machine();
        (void)state;
        facts.texts[FACT_USERS] = TEXT(OTHER_USERS);
        facts.texts[FACT_CONTAINER] = TEXT("lxc\n");
        for (size_t i = 0; i < ARRAY_SIZE(cannot); i++) {
                const struct ability *ability = of(&facts, cannot[i]);
                assert_int_equal(ability->state, ABILITY_NO);
                assert_non_null(strstr(ability->reason, "not root of the machine"));
                assert_non_null(ability->next);
        }
        assert_int_equal(of(&facts, "network")->state, ABILITY_YES);
}

static void a_missing_right_is_named(void **state)
{
        struct facts facts = machine();
        (void)state;
        facts.texts[FACT_STATUS] = TEXT(FEW_RIGHTS);
        facts.texts[FACT_CONTAINER] = TEXT("systemd-nspawn");
        assert_string_equal(of(&facts, "pools")->reason, "This container lacks the right CAP_SYS_ADMIN.");
        assert_string_equal(of(&facts, "network")->reason, "This container lacks the right CAP_NET_ADMIN.");
        assert_string_equal(of(&facts, "clock")->reason, "This container lacks the right CAP_SYS_TIME.");
        assert_int_equal(of(&facts, "limits")->state, ABILITY_YES);
}

static void a_missing_part_of_the_kernel_is_named(void **state)
{
        struct facts facts = machine();
        (void)state;
        facts.texts[FACT_MODULES] = TEXT("kernel/drivers/md/md-mod.ko\nkernel/fs/notnfsd.ko\n");
        assert_string_equal(of(&facts, "nfs_server")->reason, "The kernel has no nfsd.");
        assert_null(of(&facts, "nfs_server")->next);
        facts.texts[FACT_FILESYSTEMS] = TEXT("nodev\tbtrfsx\n\txbtrfs\n");
        assert_int_equal(of(&facts, "pools")->state, ABILITY_NO);
        facts.texts[FACT_CONTROLLERS] = TEXT("cpu memory\n");
        assert_int_equal(of(&facts, "limits")->state, ABILITY_NO);
}

static void a_container_cannot_load_what_the_kernel_lacks(void **state)
{
        struct facts facts = machine();
        (void)state;
        facts.texts[FACT_CONTAINER] = TEXT("lxc");
        facts.texts[FACT_USERS] = TEXT(OTHER_USERS);
        facts.texts[FACT_LOADED] = TEXT("");
        facts.texts[FACT_MODULES] = TEXT("kernel/drivers/net/bonding/bonding.ko\n");
        assert_int_equal(of(&facts, "bonds")->state, ABILITY_NO);
        assert_non_null(strstr(of(&facts, "bonds")->reason, "a container cannot load it"));
}

static void what_is_not_known_is_never_said_to_be_well(void **state)
{
        struct facts facts = {0};
        (void)state;
        struct ability *abilities = judge(&facts);
        for (size_t i = 0; i < abilities_count(); i++) {
                assert_int_equal(abilities[i].state, ABILITY_UNKNOWN);
                assert_string_not_equal(abilities[i].reason, "");
        }
        facts = machine();
        facts.texts[FACT_LOADED] = facts.texts[FACT_MODULES] = facts.texts[FACT_BUILTIN] = NULL;
        assert_int_equal(of(&facts, "bonds")->state, ABILITY_UNKNOWN);
        assert_int_equal(of(&facts, "nfs_server")->state, ABILITY_NO);
        facts.texts[FACT_STATUS] = TEXT("no such line\n");
        facts.texts[FACT_USERS] = TEXT("");
        assert_int_equal(of(&facts, "clock")->state, ABILITY_UNKNOWN);
}

static void put(const char *folder, const char *name, const char *text)
{
        char path[256];
        snprintf(path, sizeof(path), "%s/%s", folder, name);
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static void facts_come_from_what_systemd_passes(void **state)
{
        char folder[] = "/tmp/test-ability-XXXXXX", path[256];
        struct facts facts CLEANUP(facts_free) = {0};
        (void)state;
        assert_non_null(mkdtemp(folder));
        put(folder, "status", ALL_RIGHTS);
        put(folder, "container", "unknown");
        facts_read(&facts, folder);
        assert_string_equal(facts.texts[FACT_STATUS], ALL_RIGHTS);
        assert_null(facts.texts[FACT_CONTAINER]);
        assert_null(facts.texts[FACT_USERS]);
        snprintf(path, sizeof(path), "%s/status", folder);
        unlink(path);
        snprintf(path, sizeof(path), "%s/container", folder);
        unlink(path);
        rmdir(folder);
}

static void facts_come_from_the_system_itself(void **state)
{
        struct facts facts CLEANUP(facts_free) = {0};
        (void)state;
        facts_read(&facts, NULL);
        assert_non_null(facts.texts[FACT_FILESYSTEMS]);
        assert_non_null(strstr(facts.texts[FACT_FILESYSTEMS], "proc"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_machine_can_all),
                cmocka_unit_test(a_container_of_other_users_cannot),
                cmocka_unit_test(a_missing_right_is_named),
                cmocka_unit_test(a_missing_part_of_the_kernel_is_named),
                cmocka_unit_test(a_container_cannot_load_what_the_kernel_lacks),
                cmocka_unit_test(what_is_not_known_is_never_said_to_be_well),
                cmocka_unit_test(facts_come_from_what_systemd_passes),
                cmocka_unit_test(facts_come_from_the_system_itself),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
