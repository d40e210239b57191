/* The doctor's judgements, each on something good and on it broken.
 * Rights: a test; starts small programs of this machine. */
#include "base/crypto.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "tests/lib/certificates.h"
#include "tls/certificate.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct doctor doctor;

static int begin(void **state)
{
        (void)state;
        doctor = (struct doctor){.arena = arena_new(), .root = "", .check = "test"};
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(doctor.arena);
        return 0;
}

/* Just one thing was found since the last time, and it is that. */
static const struct finding *only(enum found_state state)
{
        assert_int_equal(doctor.count, 1);
        assert_int_equal(doctor.list[0].state, state);
        assert_true(state == FOUND_GOOD ? *doctor.list[0].next == '\0' : *doctor.list[0].next != '\0');
        doctor.count = 0;
        return &doctor.list[0];
}

/* --- units --- */

static const char shown[] = "Result=success\nMainPID=71\nId=bulkhead-api.service\nLoadState=loaded\n"
                            "ActiveState=active\nSubState=running\nUnitFileState=enabled\nDropInPaths=\n"
                            "NeedDaemonReload=no\nFragmentPath=/lib/systemd/system/bulkhead-api.service\n"
                            "\n"
                            "Id=bulkhead-users-hand.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n"
                            "UnitFileState=static\nMainPID=0\nResult=success\n"
                            "FragmentPath=/usr/lib/systemd/system/bulkhead-users-hand.service\n";

static void units_are_read(void **state)
{
        struct unit units[4];

        (void)state;
        assert_int_equal(units_parse(doctor.arena, shown, units, 4), 2);
        assert_string_equal(units[0].name, "bulkhead-api.service");
        assert_string_equal(units[0].main_pid, "71");
        assert_string_equal(units[1].active, "inactive");
        assert_string_equal(units[1].drop_ins, "");
        assert_int_equal(units_parse(doctor.arena, shown, units, 1), 1);
        assert_int_equal(units_parse(doctor.arena, "", units, 4), 0);
        assert_int_equal(units_parse(doctor.arena, "\n\n\n", units, 4), 0);
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(units_parse(doctor.arena, shown, units, 4), 2);
                unit_judge(&doctor, &units[i]);
                only(FOUND_GOOD);
        }
        units[0].active = "inactive";
        units[0].type = "oneshot"; /* has done what it is there for */
        unit_judge(&doctor, &units[0]);
        only(FOUND_GOOD);
        units[0].type = "notify";
        units[0].wanted = "no"; /* nobody switched that service on */
        units[0].tried = "1234";
        unit_judge(&doctor, &units[0]);
        only(FOUND_GOOD);
        units[0].tried = "0"; /* that was never looked at: it was not started */
        unit_judge(&doctor, &units[0]);
        only(FOUND_BAD);
}

static void broken_units_are_named(void **state)
{
        static const struct {
                size_t place;
                const char *value;
                enum found_state state;
        } broken[] = {
                {offsetof(struct unit, load), "masked", FOUND_BAD},
                {offsetof(struct unit, load), "not-found", FOUND_BAD},
                {offsetof(struct unit, load), "", FOUND_BAD},
                {offsetof(struct unit, active), "failed", FOUND_BAD},
                {offsetof(struct unit, active), "inactive", FOUND_BAD},
                {offsetof(struct unit, active), "activating", FOUND_WARNING},
                {offsetof(struct unit, result), "exit-code", FOUND_BAD},
                {offsetof(struct unit, file_state), "disabled", FOUND_BAD},
                {offsetof(struct unit, drop_ins), "/etc/systemd/system/x.service.d/y.conf", FOUND_WARNING},
                {offsetof(struct unit, reload), "yes", FOUND_WARNING},
                {offsetof(struct unit, fragment), "/run/systemd/generator/bulkhead-nfs.service", FOUND_GOOD},
                {offsetof(struct unit, drop_ins), "/run/systemd/generator/bulkhead-mount@tank.service.d/pool.conf",
                 FOUND_GOOD},
                {offsetof(struct unit, drop_ins),
                 "/run/systemd/generator/x.service.d/a.conf /etc/systemd/system/x.service.d/b.conf", FOUND_WARNING},
                {offsetof(struct unit, fragment), "/etc/systemd/system/bulkhead-api.service", FOUND_WARNING},
        };
        struct unit units[4];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
                units_parse(doctor.arena, shown, units, 4);
                *(const char **)(void *)((char *)&units[0] + broken[i].place) = broken[i].value;
                unit_judge(&doctor, &units[0]);
                assert_string_equal(only(broken[i].state)->object, "bulkhead-api.service");
        }
}

/* --- processes --- */

static const char *const callers[] = {"bulkhead-api"};
static const struct account people[] = {{"bulkhead-api", "", "/", "", 990, 980}, {"other", "", "/", "", 991, 981}};
static const struct account_group groups[] = {{"bulkhead-api", 980, NULL, 0}, {"bulkhead-callers", 970, callers, 1}};
static const struct accounts accounts = {people, ARRAY_SIZE(people), groups, ARRAY_SIZE(groups)};
static const char good_status[] = "Name:\tapi\nUid:\t990\t990\t990\t990\nGid:\t980\t980\t980\t980\nGroups:\t970 980 \n"
                                  "Threads:\t1\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
                                  "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n"
                                  "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t2\n";

static const struct process_policy *policy_named(const char *name)
{
        for (size_t i = 0; policies[i] != NULL; i++)
                if (strcmp(policies[i]->name, name) == 0)
                        return policies[i];
        return NULL;
}

static void a_process_is_held_against_its_policy(void **state)
{
        static const char *const changes[][2] = {
                {"Uid:\t990\t990\t990\t990", "Uid:\t0\t0\t0\t0"},
                {"Uid:\t990\t990\t990\t990", "Uid:\t990\t990\t0\t990"},
                {"Gid:\t980\t980\t980\t980", "Gid:\t980\t981\t980\t980"},
                {"Groups:\t970 980 ", "Groups:\t970 980 27 "},
                {"Groups:\t970 980 ", "Groups:\t980 "},
                {"Groups:\t970 980 ", "Groups:\t "},
                {"CapEff:\t0000000000000000", "CapEff:\t0000000000000002"},
                {"CapBnd:\t0000000000000000", "CapBnd:\t000001ffffffffff"},
                {"CapAmb:\t0000000000000000\n", ""},
                {"NoNewPrivs:\t1", "NoNewPrivs:\t0"},
                {"Seccomp:\t2", "Seccomp:\t0"},
                {"Seccomp:\t2\n", ""},
                {"Threads:\t1", "Threads:\t2"},
        };

        (void)state;
        process_judge(&doctor, policy_named("api"), good_status, &accounts);
        only(FOUND_GOOD);
        for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
                const char *at = strstr(good_status, changes[i][0]);
                assert_non_null(at);
                const char *status = arena_printf(doctor.arena, "%.*s%s%s", (int)(at - good_status), good_status,
                                                  changes[i][1], at + strlen(changes[i][0]));
                process_judge(&doctor, policy_named("api"), status, &accounts);
                assert_string_equal(only(FOUND_BAD)->object, "api");
        }
        /* Too little is wrong as well: the users hand needs its three. */
        process_judge(&doctor, policy_named("users-hand"), good_status, &accounts);
        assert_true(found_count(&doctor, FOUND_BAD) >= 5);
}

/* --- room --- */

static void room_is_judged(void **state)
{
        static const uint64_t gib = UINT64_C(1) << 30;
        const struct {
                struct room room;
                enum found_state state;
        } cases[] = {
                {{100 * gib, 50 * gib, 1000, 900, false}, FOUND_GOOD},
                {{100 * gib, 50 * gib, 0, 0, false}, FOUND_GOOD}, /* btrfs counts no files */
                {{100 * gib, 50 * gib, 1000, 900, true}, FOUND_BAD},
                {{100 * gib, 1 << 20, 1000, 900, false}, FOUND_BAD},
                {{100 * gib, 0, 1000, 900, false}, FOUND_BAD},
                {{100 * gib, 4 * gib, 1000, 900, false}, FOUND_WARNING},
                {{100 * gib, 50 * gib, 1000, 9, false}, FOUND_BAD},
                {{gib / 2, gib / 4, 1000, 900, false}, FOUND_GOOD},
                {{gib / 2, gib / 100, 1000, 900, false}, FOUND_BAD},
                {{0, 0, 0, 0, false}, FOUND_WARNING},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                room_judge(&doctor, "/var", &cases[i].room);
                only(cases[i].state);
        }
}

/* --- certificates --- */

static void certificates_are_judged(void **state)
{
        struct made good = made_new(doctor.arena, &(struct recipe){.name = "nas", .hosts = "DNS:nas.example"});
        struct made other = made_new(doctor.arena, &(struct recipe){.name = "other", .hosts = "DNS:nas.example"});
        const char *identity = arena_printf(doctor.arena, "%s%s", good.key_pem, good.pem);
        int64_t now = time(NULL), day = 86400;

        (void)state;
        certificate_judge(&doctor, "x", identity, now);
        only(FOUND_GOOD);
        certificate_judge(&doctor, "x", identity, now + 80 * day);
        only(FOUND_WARNING);
        certificate_judge(&doctor, "x", identity, now + 91 * day);
        assert_non_null(strstr(only(FOUND_BAD)->message, "expired"));
        certificate_judge(&doctor, "x", identity, now - day);
        only(FOUND_BAD);
        certificate_judge(&doctor, "x", arena_printf(doctor.arena, "%s%s", other.key_pem, good.pem), now);
        assert_non_null(strstr(only(FOUND_BAD)->message, "key"));
        certificate_judge(&doctor, "x", good.pem, now);
        only(FOUND_BAD);
        certificate_judge(&doctor, "x", "random \x01\x02", now);
        only(FOUND_BAD);
        certificate_judge(&doctor, "x", arena_printf(doctor.arena, "%.300s", identity), now);
        only(FOUND_BAD);
        made_free(&good);
        made_free(&other);
}

/* --- what lies on the disk --- */

static void put(const char *path, const char *text)
{
        FILE *file = fopen(doctor_path(&doctor, path), "we");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static void settings_are_judged(void **state)
{
        char folder[] = "/tmp/doctor-XXXXXX";

        (void)state;
        doctor.root = mkdtemp(folder);
        mkdir(doctor_path(&doctor, "/etc"), 0755);
        mkdir(doctor_path(&doctor, "/etc/bulkhead"), 0755);
        check_settings(&doctor);
        only(FOUND_WARNING);
        put("/etc/bulkhead/bulkhead.conf", "# all right\n\nBULKHEAD_HOSTS=Wrong\n");
        check_settings(&doctor);
        assert_non_null(strstr(only(FOUND_BAD)->message, "line 3"));
        put("/etc/bulkhead/bulkhead.conf", "# all right\n");
        chmod(doctor_path(&doctor, "/etc/bulkhead/bulkhead.conf"), 0666);
        check_settings(&doctor);
        only(FOUND_BAD);
        unlink(doctor_path(&doctor, "/etc/bulkhead/bulkhead.conf"));
        rmdir(doctor_path(&doctor, "/etc/bulkhead"));
        rmdir(doctor_path(&doctor, "/etc"));
        rmdir(folder);
}

static void mounts_are_judged(void **state)
{
        static const char *const folders[] = {"/etc", "/etc/systemd", "/etc/systemd/system", "/proc", "/proc/self"};
        static const char unit[] = "[Mount]\nWhat=/dev/disk/by-label/x\nWhere=/srv/x\n";
        char folder[] = "/tmp/doctor-XXXXXX";

        (void)state;
        doctor.root = mkdtemp(folder);
        for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
                mkdir(doctor_path(&doctor, folders[i]), 0755);
        put("/proc/self/mounts", "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /srv/a\\040b ext4 rw 0 0\n");
        check_mounts(&doctor);
        assert_int_equal(doctor.count, 0);
        put("/etc/fstab", "# table\nUUID=1 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\n"
                          "LABEL=ab /srv/a\\040b ext4 nofail 0 2\nLABEL=c /srv/c ext4 noauto 0 0\n");
        check_mounts(&doctor);
        assert_string_equal(only(FOUND_GOOD)->object, "/srv/a b");
        put("/etc/fstab", "LABEL=d /srv/d ext4 nofail 0 2\n");
        check_mounts(&doctor);
        assert_non_null(strstr(only(FOUND_BAD)->message, "LABEL=d"));
        put("/etc/fstab", "");
        put("/etc/systemd/system/srv-x.mount", unit); /* only when somebody asks */
        check_mounts(&doctor);
        assert_int_equal(doctor.count, 0);
        put("/etc/systemd/system/srv-x.mount", arena_printf(doctor.arena, "%s\n[Install]\n", unit));
        check_mounts(&doctor);
        assert_string_equal(only(FOUND_BAD)->object, "/srv/x");
        unlink(doctor_path(&doctor, "/etc/systemd/system/srv-x.mount"));
        unlink(doctor_path(&doctor, "/etc/fstab"));
        unlink(doctor_path(&doctor, "/proc/self/mounts"));
        for (size_t i = ARRAY_SIZE(folders); i-- > 0;)
                rmdir(doctor_path(&doctor, folders[i]));
        rmdir(folder);
}

/* --- asking programs --- */

static int run(const char *const *words, unsigned seconds, const char **said)
{
        struct tool tool = {.words = words, .seconds = seconds};
        return tool_run(doctor.arena, &tool, said);
}

static void programs_are_asked(void **state)
{
        const char *const fails[] = {"/bin/sh", "-c", "echo out; echo error >&2; exit 3", NULL};
        const char *const hangs[] = {"/bin/sleep", "60", NULL};
        const char *const missing[] = {"/nonexistent/program", NULL};
        const char *const much[] = {"/bin/sh", "-c", "while :; do echo 0123456789; done | head -c 1000000", NULL};
        const char *const dies[] = {"/bin/sh", "-c", "kill -9 $$", NULL};
        const char *const bare[] = {"/usr/bin/env", NULL};
        const char *said;

        (void)state;
        assert_int_equal(run(fails, 10, &said), 3);
        assert_string_equal(said, "out\nerror\n");
        assert_string_equal(first_line(doctor.arena, " \n\nfirst\nsecond\n"), "first");
        assert_string_equal(first_line(doctor.arena, ""), "");
        time_t begun = time(NULL);
        assert_int_equal(run(hangs, 1, &said), TOOL_HUNG);
        assert_true(time(NULL) - begun < 10);
        assert_int_equal(run(missing, 1, &said), TOOL_MISSING);
        assert_int_equal(run(much, 20, &said), 0);
        assert_int_equal(strlen(said), TOOL_BYTES_MAX);
        assert_int_equal(run(dies, 10, &said), 128 + 9);
        setenv("LD_LIBRARY_PATH", "/tmp", 1);
        assert_int_equal(run(bare, 10, &said), 0);
        unsetenv("LD_LIBRARY_PATH");
        assert_null(strstr(said, "LD_LIBRARY_PATH"));
        assert_int_equal(
                tool_run(doctor.arena, &(struct tool){.words = bare, .user = "no such user", .seconds = 1}, &said),
                TOOL_MISSING);
}

/* --- telling --- */

static const char *text_of(void (*print)(FILE *out), char **text)
{
        size_t length = 0;
        FILE *out = open_memstream(text, &length);
        print(out);
        fclose(out);
        return *text;
}

static void print_short(FILE *out)
{
        report_text(out, &doctor, false, false);
}

static void print_all(FILE *out)
{
        report_text(out, &doctor, true, false);
}

static void print_json(FILE *out)
{
        report_json(out, &doctor);
}

static void findings_are_told(void **state)
{
        char *text = NULL;

        (void)state;
        found_good(&doctor, "a", "is %s", "well");
        assert_string_equal(text_of(print_short, &text), "All is well: 1 things were looked at.\n");
        free(text);
        found_warning(&doctor, "b", "look", "is odd");
        found_unknown(&doctor, "c", "", "hides");
        found_bad(&doctor, "d\033[2J", "mend", "is\nwrong");
        assert_string_equal(text_of(print_short, &text), "warning  test         b is odd; do: look\n"
                                                         "UNKNOWN  test         c hides\n"
                                                         "WRONG    test         d\\x1b[2J is\\x0awrong; do: mend\n"
                                                         "4 things were looked at: 2 wrong, 1 to keep an eye on.\n");
        free(text);
        assert_non_null(strstr(text_of(print_all, &text), "good     test         a is well\n"));
        free(text);
        assert_string_equal(
                text_of(print_json, &text),
                "{\"good\":false,\"findings\":["
                "{\"check\":\"test\",\"state\":\"good\",\"object\":\"a\",\"message\":\"is well\",\"next\":\"\"},"
                "{\"check\":\"test\",\"state\":\"warning\",\"object\":\"b\",\"message\":\"is odd\",\"next\":\"look\"},"
                "{\"check\":\"test\",\"state\":\"unknown\",\"object\":\"c\",\"message\":\"hides\",\"next\":\"\"},"
                "{\"check\":\"test\",\"state\":\"wrong\",\"object\":\"d\\\\x1b[2J\",\"message\":\"is\\\\x0awrong\","
                "\"next\":\"mend\"}]}\n");
        free(text);
        for (size_t i = 0; i < 200; i++)
                found_good(&doctor, "more", "is kept");
        assert_int_equal(found_count(&doctor, FOUND_GOOD), 201);
}

static void every_check_has_a_name(void **state)
{
        (void)state;
        for (size_t i = 0; checks[i].name != NULL; i++) {
                assert_true(strlen(checks[i].name) < 12 && *checks[i].says != '\0' && checks[i].look != NULL);
                for (size_t other = 0; other < i; other++)
                        assert_string_not_equal(checks[i].name, checks[other].name);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(units_are_read, begin, end),
                cmocka_unit_test_setup_teardown(broken_units_are_named, begin, end),
                cmocka_unit_test_setup_teardown(a_process_is_held_against_its_policy, begin, end),
                cmocka_unit_test_setup_teardown(room_is_judged, begin, end),
                cmocka_unit_test_setup_teardown(certificates_are_judged, begin, end),
                cmocka_unit_test_setup_teardown(settings_are_judged, begin, end),
                cmocka_unit_test_setup_teardown(mounts_are_judged, begin, end),
                cmocka_unit_test_setup_teardown(programs_are_asked, begin, end),
                cmocka_unit_test_setup_teardown(findings_are_told, begin, end),
                cmocka_unit_test_setup_teardown(every_check_has_a_name, begin, end),
        };
        crypto_start();
        certificate_start();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
