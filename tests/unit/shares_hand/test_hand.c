/* The shares hand's functions in folders of a test's own: what may be offered, what is said of folders, and the list of
 * exports.
 * Rights: none; files under /tmp. */
#include "daemons/shares/hand/shares.h"
#include "policy/shares_operations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct {
        struct arena *arena;
        char top[32];
        struct shares shares;
        struct writer answer;
} t;

static int folder_of(const char *name)
{
        const char *path = arena_printf(t.arena, "%s/%s", t.top, name);
        assert_int_equal(mkdir(path, 0700), 0);
        return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int set_up(void **state)
{
        (void)state;
        t.arena = arena_new();
        snprintf(t.top, sizeof(t.top), "/tmp/shares_hand-XXXXXX");
        assert_non_null(mkdtemp(t.top));
        t.shares.served = folder_of("srv");
        t.shares.nfs = folder_of("nfs");
        t.shares.services = folder_of("services");
        assert_true(mkdirat(t.shares.served, "tank", 0750) == 0 && mkdirat(t.shares.served, "tank/photos", 0700) == 0);
        assert_int_equal(fchmodat(t.shares.served, "tank/photos", 02770, 0), 0);
        return 0;
}

static void empty(int folder, const char *const *names)
{
        for (; *names; names++)
                if (unlinkat(folder, *names, 0) != 0)
                        unlinkat(folder, *names, AT_REMOVEDIR);
        close(folder);
}

static int tear_down(void **state)
{
        (void)state;
        empty(t.shares.served, (const char *const[]){"tank/photos", "tank/link", "tank/file", "tank", "link", NULL});
        empty(t.shares.nfs,
              (const char *const[]){"1.on", "2.off", "10.on", "x.on", "1.on.bak", "70000.on", "on", NULL});
        empty(t.shares.services, (const char *const[]){"nfs.conf", NULL});
        int top = open(t.top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        empty(top, (const char *const[]){"srv", "nfs", "services", NULL});
        arena_free(t.arena);
        return rmdir(t.top);
}

/* One operation's function, called as steps.c would. */
static int call(act_function *function, uint16_t number, const char *const *texts, size_t count)
{
        struct value *values = arena_array(t.arena, count + 1, sizeof(*values));
        for (size_t i = 0; i < count; i++)
                values[i] = (struct value){texts[i], (uint16_t)strlen(texts[i])};
        struct action action = {.operation = number, .count = (uint8_t)count, .values = values};
        struct failure failure = {0};
        t.answer = writer_of(arena_alloc(t.arena, 4096), 4096);
        struct act_context context = {.state = &t.shares,
                                      .arena = t.arena,
                                      .operation = &shares_operations.list[number],
                                      .action = &action,
                                      .answer = &t.answer};
        return function(&context, &failure);
}

static int call_one(act_function *function, uint16_t number, const char *text)
{
        return call(function, number, &text, 1);
}

static int put(const char *path)
{
        const char *const texts[] = {"name",
                                     "1",
                                     "2026-11-21T15:59:23.623606Z",
                                     "comment = path = /srv/tank",
                                     arena_printf(t.arena, "path = %s", path),
                                     "available = yes"};
        return call(path_is_served, SHARES_SMB_PUT, texts, ARRAY_SIZE(texts));
}

static void what_may_be_offered(void **state)
{
        (void)state;
        assert_int_equal(symlinkat("/etc", t.shares.served, "tank/link"), 0);
        assert_int_equal(symlinkat("tank", t.shares.served, "link"), 0);
        assert_int_equal(file_put(t.shares.served, "file", "", 0, 0644), 0);
        assert_int_equal(renameat(t.shares.served, "file", t.shares.served, "tank/file"), 0);
        assert_int_equal(put("/srv/tank/photos"), 0);
        assert_int_equal(put("/srv/tank"), 0);
        static const char *const never[] = {"/srv/tank/link",  "/srv/tank/nosuch",     "/srv/link/photos",
                                            "/srv/tank/file",  "/srv/tank/../..",      "/srv/../etc",
                                            "/srv//etc/../..", "/srv/tank/link/passwd"};
        for (size_t i = 0; i < ARRAY_SIZE(never); i++)
                if (put(never[i]) == 0)
                        fail_msg("%s may be offered", never[i]);
        const char *const without[] = {"name", "1", "2026-11-21T15:59:23.623606Z", "available = yes"};
        assert_int_equal(call(path_is_served, SHARES_SMB_PUT, without, ARRAY_SIZE(without)), -1);
}

static void what_is_said_of_folders(void **state)
{
        (void)state;
        static const uint16_t modes[] = {0750, 02770};
        assert_int_equal(call_one(folder_look, SHARES_FOLDER_LOOK, "/srv/tank/photos"), 0);
        struct reader reader = reader_of(t.answer.start, (size_t)(t.answer.at - t.answer.start));
        for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
                size_t length;
                assert_int_equal(reader_u32(&reader), getuid());
                assert_int_equal(reader_u32(&reader), getgid());
                assert_int_equal(reader_u16(&reader), modes[i]);
                (void)reader_u8(&reader);
                assert_int_equal(reader_u64(&reader), 0); /* of no pool */
                assert_non_null(reader_field(&reader, &length));
        }
        assert_true(reader_ended(&reader));
        assert_int_equal(call_one(folder_look, SHARES_FOLDER_LOOK, "/srv/tank/nosuch"), -1);
        assert_int_equal(symlinkat("/etc", t.shares.served, "tank/link"), 0);
        assert_int_equal(call_one(folder_look, SHARES_FOLDER_LOOK, "/srv/tank/link"), -1);
}

static void what_room_there_is(void **state)
{
        (void)state;
        assert_int_equal(call_one(room_look, SHARES_ROOM_LOOK, "/srv/tank"), 0);
        struct reader reader = reader_of(t.answer.start, (size_t)(t.answer.at - t.answer.start));
        assert_int_equal(reader_u8(&reader), 0);
        assert_true(reader_u64(&reader) > 0);
        (void)reader_u64(&reader);
        (void)reader_u64(&reader); /* btrfs alone knows them */
        assert_true(reader_ended(&reader));
        assert_int_equal(call_one(room_look, SHARES_ROOM_LOOK, "/srv/nosuch"), -1);
}

static void only_datasets_are_exported(void **state)
{
        (void)state;
        const char *const texts[] = {"1", "on", "2026-11-21T15:59:23.623606Z", "/srv/tank/photos", "photos"};
        assert_int_equal(call(nfs_is_served, SHARES_NFS_PUT, texts, ARRAY_SIZE(texts)), -1);
}

static void the_list_follows_the_folder(void **state)
{
        static const char *const names[] = {"10.on", "1.on", "2.off", "x.on", "1.on.bak", "70000.on", "on"};
        uint8_t *bytes = NULL;
        size_t length;
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                assert_int_equal(file_put(t.shares.nfs, names[i], "", 0, 0644), 0);
        assert_int_equal(call(nfs_list, SHARES_NFS_PUT, NULL, 0), 0);
        assert_int_equal(file_read_below(t.shares.services, "nfs.conf", 1000, &bytes, &length), 0);
        assert_string_equal((const char *)bytes,
                            "%include \"/etc/bulkhead/nfs/1.on\"\n%include \"/etc/bulkhead/nfs/10.on\"\n");
        free(bytes);
        assert_int_equal(unlinkat(t.shares.nfs, "1.on", 0) | unlinkat(t.shares.nfs, "10.on", 0), 0);
        assert_int_equal(call(nfs_list, SHARES_NFS_DROP, NULL, 0), 0);
        assert_int_equal(file_read_below(t.shares.services, "nfs.conf", 1000, &bytes, &length), 0);
        assert_int_equal(length, 0);
        free(bytes);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_may_be_offered, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_is_said_of_folders, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_room_there_is, set_up, tear_down),
                cmocka_unit_test_setup_teardown(only_datasets_are_exported, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_list_follows_the_folder, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
