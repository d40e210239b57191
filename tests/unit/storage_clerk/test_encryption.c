/* Encrypted pools over a fake hand and a fake machine: what each request comes down to, in which order, and what is
 * refused before anything is planned. Rights: none. */
#include "tests/unit/storage_clerk/asking.h"
#include "tests/unit/storage_clerk/tang.h"

#define PHRASE   "a long passphrase of theirs"
#define LUKS_ONE "aaaaaaaa-2222-4333-8444-000000000001"
#define LUKS_TWO "aaaaaaaa-2222-4333-8444-000000000002"

/* The mounted pool on two encrypted disks, which are open. */
static void encrypt(bool kept)
{
        static const char *const luks[] = {LUKS_ONE, LUKS_TWO}, *const names[] = {"dm-0", "dm-1"};
        fake_machine_tank();
        for (size_t i = 0; i < 2; i++) {
                fake_machine.disks[i].block.luks = luks[i];
                fake_machine.disks[i].block.luks_pool = UUID_TANK;
                fake_machine.disks[i].block.opened = names[i];
        }
        fake_machine.systems[0].names = names;
        fake_machine.pools[0].encrypted = true;
        fake_machine.pools[0].kept = kept;
        fake_machine.pools[0].given = !kept;
        fake_machine.pools[0].luks = luks;
        fake_machine.pools[0].luks_count = 2;
}

/* As after a start. */
static void lock(void)
{
        for (size_t i = 0; i < 2; i++) {
                struct block *block = &fake_machine.disks[i].block;
                block->opened = block->uuid = block->uuid_sub = NULL;
                block->holds = "crypto_LUKS";
                fake_machine.verdicts[i] = VERDICT_FREE;
        }
        fake_machine.system_count = 0;
}

#define IN_ORDER(steps, ...) IN_ORDER_WITHOUT(PHRASE, steps, __VA_ARGS__)
#define DISKS                "\"name\":\"tank\",\"profile\":\"raid1\",\"disks\":[\"trial-disk1\",\"trial-disk2\"]"

static void making_one_with_a_key(void **state)
{
        (void)state;
        const char *steps = planned("CreatePool", "{" DISKS ",\"encrypt\":\"key\"}");
        IN_ORDER(steps, "place_make tank\n", "/usr/bin/dd if=/proc/sys/kernel/random/uuid of=", "/keys/kept/", "wipefs",
                 "wipefs", "cryptsetup luksFormat", "/keys/kept/", "-- /dev/disk/by-id/trial-disk1\n",
                 "cryptsetup luksFormat", "-- /dev/disk/by-id/trial-disk2\n", "systemctl daemon-reload\n",
                 "write /etc/bulkhead/encryption/tank: ", " yes no", "systemctl daemon-reload\n",
                 "systemctl restart bulkhead-unlock@", "systemctl restart", "mkfs.btrfs",
                 "-- /dev/disk/by-id/dm-name-luks-", " /dev/disk/by-id/dm-name-luks-",
                 "write /etc/bulkhead/pools/tank: ", "systemctl start bulkhead-mount@tank.service\n");
        assert_null(strstr(steps, "given"));
        assert_string_equal(steps, planned("CreatePool", "{" DISKS ",\"encrypt\":\"key\"}"));
}

/* It is there before the first disk is erased, for a crash after that is finished; and gone in the end. */
static void making_one_with_a_passphrase(void **state)
{
        (void)state;
        const char *steps =
                planned("CreatePool", "{" DISKS ",\"encrypt\":\"passphrase\",\"passphrase\":\"" PHRASE "\"}");
        IN_ORDER(steps, "place_make tank\n", "/usr/bin/dd of=/var/lib/bulkhead-storage-hand/keys/given/", "wipefs",
                 "luksFormat", "/keys/given/", "write /etc/bulkhead/encryption/tank: ", " no yes", "mkfs.btrfs",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/given/", "bulkhead-mount@tank.service");
        assert_null(strstr(steps, "kept"));
        fails("CreatePool", "{" DISKS ",\"encrypt\":\"passphrase\"}", "Invalid", "is missing");
        fails("CreatePool", "{" DISKS ",\"passphrase\":\"" PHRASE "\"}", "Invalid", "opens nothing");
        fails("CreatePool", "{" DISKS ",\"encrypt\":\"passphrase\",\"passphrase\":\"short\"}", "Invalid", "12 to");
}

static void what_is_shown(void **state)
{
        (void)state;
        encrypt(false);
        struct fake_reply shown = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "pool.encryption.locked"), "false");
        assert_string_equal(fake_at(&shown, "pool.encryption.ways.0"), "passphrase");
        fake_reply_free(&shown);
        lock();
        shown = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "pool.encryption.locked"), "true");
        assert_non_null(strstr(fake_at(&shown, "pool.message"), "Unlock it with its passphrase"));
        fake_reply_free(&shown);
        shown = fake_call("ListDisks", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "disks.0.in_use"), "pool");
        assert_string_equal(fake_at(&shown, "disks.0.pool"), "tank");
        assert_string_equal(fake_at(&shown, "disks.0.takable"), "false");
        fake_reply_free(&shown);
        shown = fake_call("ListDrift", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "drift"), "0");
        fake_reply_free(&shown);
}

static void unlocking_and_locking(void **state)
{
        (void)state;
        const char *phrase = "{\"name\":\"tank\",\"passphrase\":\"" PHRASE "\"}";
        encrypt(false);
        IN_ORDER(planned("LockPool", "{\"name\":\"tank\"}"), "systemctl stop srv-tank.mount\n",
                 "systemctl stop bulkhead-unlock@" LUKS_ONE ".service\n",
                 "systemctl stop bulkhead-unlock@" LUKS_TWO ".service\n");
        lock();
        IN_ORDER(planned("UnlockPool", phrase), "/usr/bin/dd of=", "--test-passphrase",
                 "/dev/disk/by-uuid/" LUKS_ONE "\n", "systemctl restart bulkhead-unlock@" LUKS_ONE ".service\n",
                 "systemctl restart bulkhead-unlock@" LUKS_TWO ".service\n", "/usr/bin/rm --force",
                 "systemctl start bulkhead-mount@tank.service\n");
        fails("MountPool", "{\"name\":\"tank\"}", "Conflict", "locked");
        fake_machine.pools[0].kept = true;
        fake_machine.pools[0].given = false;
        fails("UnlockPool", phrase, "Conflict", "has no passphrase");
        IN_ORDER(planned("MountPool", "{\"name\":\"tank\"}"),
                 "systemctl restart bulkhead-unlock@" LUKS_ONE ".service\n",
                 "systemctl start bulkhead-mount@tank.service\n");
        fake_machine_clear();
        fake_machine_tank();
        fails("UnlockPool", phrase, "Conflict", "not encrypted");
        fails("LockPool", "{\"name\":\"tank\"}", "Conflict", "not encrypted");
}

/* As cryptsetup says it: key 0 is quick to try, as those are that machines keep; keys 1 and 2 were made of passphrases.
 */
#define SLOT(number, kdf) "\"" number "\":{\"type\":\"luks2\",\"kdf\":{\"type\":\"" kdf "\",\"time\":4}}"
#define HEADER(slots)     "{\"keyslots\":{" slots "},\"tokens\":{},\"config\":{}}"
#define OTHER             "another long passphrase"

static void adding_a_passphrase(void **state)
{
        (void)state;
        encrypt(true);
        fake_machine.header = HEADER(SLOT("0", "pbkdf2"));
        const char *steps = planned("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" PHRASE "\"}");
        IN_ORDER(steps, "--test-passphrase", "/keys/kept/", LUKS_ONE "\n", "--test-passphrase", LUKS_TWO "\n",
                 "/usr/bin/dd of=/var/lib/bulkhead-storage-hand/keys/new/", "luksAddKey", "/keys/kept/", LUKS_ONE,
                 "/keys/new/", "luksAddKey", LUKS_TWO, "write /etc/bulkhead/encryption/tank: ", " yes yes",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/new/");
        assert_null(strstr(steps, "luksKillSlot"));
        fails("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" PHRASE "\",\"passphrase\":\"x\"}", "Invalid",
              "has none");
        fails("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" UUID_TANK "\"}", "Invalid", "machines keep");
        /* One that was left over from a change that was cut off goes. */
        fake_machine.header = HEADER(SLOT("0", "pbkdf2") "," SLOT("3", "argon2id"));
        IN_ORDER(planned("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" PHRASE "\"}"), "luksAddKey",
                 "luksKillSlot", LUKS_ONE " 3\n", "luksKillSlot", LUKS_TWO " 3\n");
        fake_machine.header = "WARNING: {}";
        fails("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" PHRASE "\"}", "Conflict", "which keys");
        fake_machine.header = HEADER("");
        fails("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" PHRASE "\"}", "Conflict", "which keys");
}

static void changing_the_passphrase(void **state)
{
        (void)state;
        const char *change = "{\"name\":\"tank\",\"new_passphrase\":\"" OTHER "\",\"passphrase\":\"" PHRASE "\"}";
        encrypt(false);
        fake_machine.header = HEADER(SLOT("1", "argon2id"));
        const char *steps = planned("SetPassphrase", change);
        IN_ORDER(steps, "/keys/given/", "--test-passphrase", LUKS_ONE "\n", "--test-passphrase", LUKS_TWO "\n",
                 "/keys/new/", "luksAddKey", "/keys/given/", "luksAddKey", "luksKillSlot", LUKS_ONE " 1\n",
                 "luksKillSlot", LUKS_TWO " 1\n", "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/given/",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/new/");
        assert_null(strstr(steps, OTHER));
        assert_null(strstr(steps, "write"));
        fails("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" OTHER "\"}", "Invalid", "is missing");
        fails("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" OTHER "\",\"passphrase\":\"" OTHER "\"}",
              "Invalid", "it has");
        /* A key that is kept stays, and is enough. */
        fake_machine.pools[0].kept = true;
        fake_machine.header = HEADER(SLOT("0", "pbkdf2") "," SLOT("1", "argon2id"));
        steps = planned("SetPassphrase", "{\"name\":\"tank\",\"new_passphrase\":\"" OTHER "\"}");
        IN_ORDER(steps, "luksAddKey", "luksKillSlot", LUKS_ONE " 1\n", LUKS_TWO " 1\n");
        assert_null(strstr(steps, LUKS_ONE " 0\n"));
        fake_machine.disks[1].block.luks = NULL; /* one is away, and has the old one */
        fake_machine.header = NULL;
        fails("SetPassphrase", change, "Conflict", "Not all disks");
}

static void keeping_a_key(void **state)
{
        (void)state;
        const char *keep = "{\"name\":\"tank\",\"passphrase\":\"" PHRASE "\"}";
        encrypt(false);
        fake_machine.header = HEADER(SLOT("1", "argon2id") "," SLOT("5", "pbkdf2"));
        IN_ORDER(planned("KeepKey", keep), "/keys/given/", "--test-passphrase", "--test-passphrase",
                 "/usr/bin/dd if=/proc/sys/kernel/random/uuid of=", "luksAddKey", "pbkdf2", "/keys/kept/", "luksAddKey",
                 " yes yes", "luksKillSlot", LUKS_ONE " 5\n", "/usr/bin/rm --force -- ");
        fake_machine.header = HEADER(SLOT("0", "pbkdf2"));
        fails("KeepKey", keep, "Conflict", "another machine made");
        encrypt(true);
        fails("KeepKey", keep, "Conflict", "already");
}

static void forgetting_a_way(void **state)
{
        (void)state;
#define FORGET(way, more) "{\"name\":\"tank\",\"way\":\"" way "\"" more "}"
        encrypt(true);
        fake_machine.header = HEADER(SLOT("0", "pbkdf2") "," SLOT("2", "argon2id"));
        fails("ForgetWay", FORGET("key", ",\"passphrase\":\"" PHRASE "\""), "Conflict", "no other way");
        fails("ForgetWay", FORGET("passphrase", ""), "NotFound", "not opened so");
        fake_machine.pools[0].given = true;
        fails("ForgetWay", FORGET("key", ""), "Invalid", "is missing");
        const char *steps = planned("ForgetWay", FORGET("key", ",\"passphrase\":\"" PHRASE "\""));
        IN_ORDER(steps, "/keys/given/", "--test-passphrase", LUKS_TWO "\n", " no yes", "luksKillSlot", LUKS_ONE " 0\n",
                 LUKS_TWO " 0\n", "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/kept/");
        assert_null(strstr(steps, LUKS_ONE " 2\n"));
        steps = planned("ForgetWay", FORGET("passphrase", ""));
        IN_ORDER(steps, "--test-passphrase", "/keys/kept/", " yes no", "luksKillSlot", LUKS_ONE " 2\n",
                 LUKS_TWO " 2\n");
        assert_null(strstr(steps, LUKS_ONE " 0\n"));
        encrypt(false);
        fails("ForgetWay", FORGET("passphrase", ""), "Conflict", "no other way");
        fake_machine_clear();
        fake_machine_tank();
        fails("ForgetWay", FORGET("key", ""), "Conflict", "not encrypted");
}

#define SERVER       "http://tang-1.example:7500"
#define SET(more)    "{\"name\":\"tank\",\"url\":\"" SERVER "\"" more "}"
#define PRINT(print) ",\"thumbprint\":\"" print "\""
#define GIVEN        ",\"passphrase\":\"" PHRASE "\""

static void setting_a_server(void **state)
{
        (void)state;
        encrypt(false);
        fake_machine.header = HEADER(SLOT("1", "argon2id"));
        fails("SetTang", SET(PRINT(TANG_PRINT) GIVEN), "Conflict", "No Tang server answers at " SERVER);
        fake_machine.tang = TANG_SAID;
        fails("SetTang", SET(GIVEN), "Invalid", "is missing; the server shows " TANG_PRINT);
        fails("SetTang", SET(PRINT(TANG_OTHER) GIVEN), "Invalid", "is not that of the server, which shows " TANG_PRINT);
        fails("SetTang", SET(PRINT(TANG_PRINT)), "Invalid", "is missing");
        const char *steps = planned("SetTang", SET(PRINT(TANG_PRINT) GIVEN));
        IN_ORDER(steps, "/keys/given/", "--test-passphrase", LUKS_ONE "\n", "--test-passphrase", LUKS_TWO "\n",
                 "if=/proc/sys/kernel/random/uuid of=/var/lib/bulkhead-storage-hand/keys/new/",
                 "systemctl daemon-reload\n", "write /etc/bulkhead/tang/" UUID_TANK ": ", "URL=" SERVER,
                 "THP=" TANG_PRINT, "systemctl start bulkhead-tang-seal@" UUID_TANK ".service\n",
                 "/usr/bin/sync -- /var/lib/bulkhead/tang/", "systemctl start bulkhead-tang@" UUID_TANK ".service\n",
                 "luksAddKey", "pbkdf2", "--new-key-slot=24", "/keys/given/", LUKS_ONE, "/keys/new/", "luksAddKey",
                 LUKS_TWO, "systemctl daemon-reload\n",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/given/",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/new/");
        assert_null(strstr(steps, "luksKillSlot"));
        assert_null(strstr(steps, "/etc/bulkhead/encryption"));
        /* What an earlier change left goes, once another is there; by the key that is kept. */
        encrypt(true);
        fake_machine.tang = TANG_SAID;
        fake_machine.header = HEADER(SLOT("0", "pbkdf2") "," SLOT("24", "pbkdf2"));
        fails("SetTang", SET(PRINT(TANG_PRINT) GIVEN), "Invalid", "has none");
        steps = planned("SetTang", SET(PRINT(TANG_PRINT)));
        IN_ORDER(steps, "--new-key-slot=25", "/keys/kept/", "--new-key-slot=25", "luksKillSlot", LUKS_ONE " 24\n",
                 "luksKillSlot", LUKS_TWO " 24\n");
        assert_null(strstr(steps, LUKS_ONE " 0\n"));
        fake_machine.pools[0].tang = SERVER;
        fails("SetTang", SET(PRINT(TANG_PRINT)), "Conflict", "already");
        fake_machine_clear();
        fake_machine_tank();
        fails("SetTang", SET(PRINT(TANG_PRINT)), "Conflict", "not encrypted");
}

static void with_a_server(void **state)
{
        (void)state;
        encrypt(false);
        fake_machine.pools[0].tang = SERVER;
        fake_machine.pools[0].thumbprint = TANG_PRINT;
        fake_machine.header = HEADER(SLOT("1", "argon2id") "," SLOT("24", "pbkdf2"));
        struct fake_reply shown = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "pool.encryption.ways.1"), "tang");
        assert_string_equal(fake_at(&shown, "pool.encryption.tang.url"), SERVER);
        fake_reply_free(&shown);
        /* Its key is none of those that another machine kept. */
        const char *steps = planned("KeepKey", "{\"name\":\"tank\"" GIVEN "}");
        assert_null(strstr(steps, "luksKillSlot"));
        fails("ForgetWay", FORGET("passphrase", ""), "Conflict", "no other way");
        /* The server helps before anything is erased; what it gave goes when the new disk has it. */
        steps = planned("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\"" GIVEN "}");
        IN_ORDER(steps, "/keys/given/", "--test-passphrase",
                 "if=/proc/sys/kernel/random/uuid of=/var/lib/bulkhead-storage-hand/keys/new/",
                 "systemctl start bulkhead-tang-recall@" UUID_TANK ".service\n", "wipefs", "luksFormat",
                 "write /etc/bulkhead/encryption/", "systemctl restart bulkhead-unlock@", "luksAddKey", "pbkdf2",
                 "--new-key-slot=24", "/keys/given/", "/keys/new/",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/new/",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/given/", "btrfs device add");
        steps = planned("ForgetWay", FORGET("tang", ""));
        IN_ORDER(steps, "systemctl daemon-reload\n", "remove /etc/bulkhead/tang/" UUID_TANK,
                 "systemctl daemon-reload\n", "systemctl stop bulkhead-tang@" UUID_TANK ".service\n", "luksKillSlot",
                 LUKS_ONE " 24\n", LUKS_TWO " 24\n", "/usr/bin/rm --force -- /var/lib/bulkhead/tang/" UUID_TANK "\n");
        assert_null(strstr(steps, LUKS_ONE " 1\n"));
        IN_ORDER(planned("LockPool", "{\"name\":\"tank\"}"), "systemctl stop srv-tank.mount\n",
                 "systemctl stop bulkhead-tang@" UUID_TANK ".service\n", "systemctl stop bulkhead-unlock@");
        IN_ORDER(planned("ExportPool", "{\"name\":\"tank\"}"), "systemctl stop bulkhead-unlock@" LUKS_TWO ".service\n",
                 "remove /etc/bulkhead/tang/" UUID_TANK,
                 "/usr/bin/rm --force -- /var/lib/bulkhead/tang/" UUID_TANK "\n");
        IN_ORDER(planned("DestroyPool", "{\"name\":\"tank\"}"), "cryptsetup erase", "remove /etc/bulkhead/tang/",
                 "/usr/bin/rm --force -- /var/lib/bulkhead/tang/");
        lock();
        shown = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_non_null(strstr(fake_at(&shown, "pool.message"), "The Tang server " SERVER " has not opened it"));
        fake_reply_free(&shown);
        fails("MountPool", "{\"name\":\"tank\"}", "Conflict", "No Tang server answers at " SERVER);
        fake_machine.tang = TANG_SAID;
        steps = planned("MountPool", "{\"name\":\"tank\"}");
        IN_ORDER(steps, "systemctl start bulkhead-tang@" UUID_TANK ".service\n",
                 "systemctl start bulkhead-mount@tank.service\n");
        assert_null(strstr(steps, "bulkhead-unlock@"));
        IN_ORDER(planned("UnlockPool", "{\"name\":\"tank\"" GIVEN "}"), "systemctl restart bulkhead-unlock@",
                 "bulkhead-mount@tank.service\n", "systemctl stop bulkhead-tang@" UUID_TANK ".service\n");
        fake_machine.pools[0].tang = NULL;
        fails("ForgetWay", FORGET("tang", ""), "NotFound", "not opened so");
}

static void letting_go_of_one(void **state)
{
        (void)state;
        encrypt(true);
        const char *steps = planned("ExportPool", "{\"name\":\"tank\"}");
        IN_ORDER(steps, "systemctl stop srv-tank.mount\n", "remove /etc/bulkhead/encryption/tank\n",
                 "systemctl daemon-reload\n", "systemctl stop bulkhead-unlock@" LUKS_ONE);
        assert_null(strstr(steps, "/usr/bin/rm"));
        steps = planned("DestroyPool", "{\"name\":\"tank\"}");
        IN_ORDER(steps, "systemctl stop srv-tank.mount\n", "systemctl stop bulkhead-unlock@" LUKS_TWO,
                 "cryptsetup erase", "-- /dev/disk/by-id/trial-disk1\n", "wipefs", "cryptsetup erase", "wipefs",
                 "/usr/bin/rm --force -- /var/lib/bulkhead-storage-hand/keys/kept/" UUID_TANK "\n");
        lock();
        IN_ORDER(planned("DestroyPool", "{\"name\":\"tank\"}"), "cryptsetup erase", "cryptsetup erase");
        encrypt(true);
        IN_ORDER(planned("RenamePool", "{\"name\":\"tank\",\"to\":\"other\"}"),
                 "remove /etc/bulkhead/encryption/tank\n",
                 "write /etc/bulkhead/encryption/other: ", "systemctl start bulkhead-mount@other.service\n");
}

static void importing_one(void **state)
{
        (void)state;
        encrypt(false);
        lock();
        fake_machine.pool_count = 0;
        struct fake_reply shown = fake_call("ListImportable", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "file_systems.0.uuid"), UUID_TANK);
        assert_string_equal(fake_at(&shown, "file_systems.0.encrypted"), "true");
        assert_string_equal(fake_at(&shown, "file_systems.0.disks"), "2");
        fake_reply_free(&shown);
        const char *in = "{\"uuid\":\"" UUID_TANK "\",\"name\":\"tank\",\"passphrase\":\"" PHRASE "\"}";
        IN_ORDER(planned("ImportPool", in), "place_make tank\n", "/usr/bin/dd of=", "--test-passphrase",
                 "write /etc/bulkhead/encryption/tank: ", " no yes", "systemctl restart bulkhead-unlock@" LUKS_ONE,
                 "/usr/bin/rm --force", "write /etc/bulkhead/pools/tank: ");
        IN_ORDER(planned("ImportPool", "{\"uuid\":\"" UUID_TANK "\",\"name\":\"tank\"}"), "/keys/kept/" UUID_TANK,
                 " yes no", "systemctl restart");
}

static void disks_of_one(void **state)
{
        (void)state;
        encrypt(true);
        IN_ORDER(planned("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\"}"), "--test-passphrase", "wipefs",
                 "luksFormat", "-- /dev/disk/by-id/trial-disk3\n", "write /etc/bulkhead/encryption/tank: ", LUKS_ONE,
                 LUKS_TWO, "systemctl restart bulkhead-unlock@", "device add -- /dev/disk/by-id/dm-name-luks-");
        const char *replace = "{\"name\":\"tank\",\"number\":1,\"disk\":\"trial-disk3\",\"healthy_too\":true}";
        fake_machine.members[0] = (struct member){.number = 1, .size = (4ULL << 30) - (16 << 20)};
        IN_ORDER(planned("ReplaceDisk", replace), "luksFormat", "systemctl restart",
                 "replace start -B 1 /dev/disk/by-id/dm-name-luks-");
        fake_machine.members[0].size++;
        fails("ReplaceDisk", replace, "Conflict", "smaller");
        encrypt(false);
        fails("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\"}", "Invalid", "is missing");
        fake_machine.pools[0].kept = true; /* and is opened in both ways, as the others are */
        IN_ORDER(planned("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\",\"passphrase\":\"" PHRASE "\"}"),
                 "/keys/given/", "--test-passphrase", "/keys/kept/", "--test-passphrase", "/keys/given/", "luksFormat",
                 "/keys/kept/", "luksAddKey", "/keys/kept/", "/keys/given/", " yes yes", "device add");
        fake_machine.pools[0].kept = false;
        IN_ORDER(planned("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\",\"passphrase\":\"" PHRASE "\"}"),
                 "/usr/bin/dd of=", "--test-passphrase", "wipefs", "/keys/given/", "/usr/bin/rm --force", "device add");
}

/* One that was replaced is open until it is used for something else. */
static void one_that_is_left(void **state)
{
        (void)state;
        encrypt(true);
        fake_machine.disks[1].block.uuid = fake_machine.disks[1].block.uuid_sub = fake_machine.disks[1].block.holds =
                NULL;
        fake_machine.systems[0].name_count = 1;
#define ON_IT(more) "{\"name\":\"new\",\"profile\":\"single\",\"disks\":[\"trial-disk2\"]" more "}"
        fails("CreatePool", ON_IT(""), "Conflict", "holds something");
        IN_ORDER(planned("CreatePool", ON_IT(",\"erase\":true")), "systemctl stop bulkhead-unlock@" LUKS_TWO,
                 "write /etc/bulkhead/encryption/tank: ", "wipefs");
        fake_machine.systems[0].mounted = NULL; /* away: nobody knows */
        fails("CreatePool", ON_IT(",\"erase\":true"), "Conflict", "encrypted pool tank");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(making_one_with_a_key, set_up),
                cmocka_unit_test_setup(making_one_with_a_passphrase, set_up),
                cmocka_unit_test_setup(what_is_shown, set_up),
                cmocka_unit_test_setup(unlocking_and_locking, set_up),
                cmocka_unit_test_setup(adding_a_passphrase, set_up),
                cmocka_unit_test_setup(changing_the_passphrase, set_up),
                cmocka_unit_test_setup(keeping_a_key, set_up),
                cmocka_unit_test_setup(forgetting_a_way, set_up),
                cmocka_unit_test_setup(setting_a_server, set_up),
                cmocka_unit_test_setup(with_a_server, set_up),
                cmocka_unit_test_setup(letting_go_of_one, set_up),
                cmocka_unit_test_setup(importing_one, set_up),
                cmocka_unit_test_setup(disks_of_one, set_up),
                cmocka_unit_test_setup(one_that_is_left, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
