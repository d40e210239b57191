/* A share as its file says it, both ways: what is written is a line the types allow, and what was written is read again
 * as it was, whatever is set.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/shares/clerk/shares.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static smb_share full(void)
{
        static const char *const users[] = {"alice", "@band"}, *const one[] = {"carol"};
        static const char *const hosts[] = {"192.168.1.0/24", "fd00::1"};
        smb_share share = smb_default();
        share.id = 17;
        share.name = "Grüße it's 🏔";
        share.path = "/srv/tank/photos of us";
        share.description = "All = of us; # here";
        share.created_at = "2026-11-21T15:59:23.623606Z";
        share.valid_users = users;
        share.valid_users_count = 2;
        share.read_list = one;
        share.read_list_count = 1;
        share.write_list = users;
        share.write_list_count = 2;
        share.hosts_allow = hosts;
        share.hosts_allow_count = 2;
        share.hosts_deny = hosts;
        share.hosts_deny_count = 1;
        share.max_connections = 1000000;
        return share;
}

static smb_share round_trip(const smb_share *share)
{
        const char *lines[SMB_LINES_MAX];
        size_t count = smb_lines(share, "/srv/tank/photos of us", arena, lines);
        char *text = arena_printf(arena, "# %lld %s\n[%s]\n", (long long)share->id, share->created_at, share->name);
        for (size_t i = 0; i < count; i++) {
                if (!value_is(&value_smb_setting, lines[i], strlen(lines[i])))
                        fail_msg("'%s' is no line that the hand would write", lines[i]);
                text = arena_printf(arena, "%s\t%s\n", text, lines[i]);
        }
        smb_share read;
        assert_true(smb_read(text, arena, &read));
        return read;
}

static void same_list(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
        assert_int_equal(a_count, b_count);
        for (size_t i = 0; i < a_count; i++)
                assert_string_equal(a[i], b[i]);
}
#define SAME_LIST(field) same_list(a->field, a->field##_count, b->field, b->field##_count)

static void same(const smb_share *a, const smb_share *b)
{
        assert_int_equal(a->id, b->id);
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->path, b->path);
        assert_string_equal(a->description, b->description);
        assert_string_equal(a->created_at, b->created_at);
        SAME_LIST(valid_users);
        SAME_LIST(read_list);
        SAME_LIST(write_list);
        SAME_LIST(hosts_allow);
        SAME_LIST(hosts_deny);
        assert_int_equal(a->max_connections, b->max_connections);
        assert_int_equal(a->encryption, b->encryption);
        assert_int_equal(a->homes, b->homes);
        assert_int_equal(a->read_only, b->read_only);
        assert_int_equal(a->guest_ok, b->guest_ok);
        assert_int_equal(a->hidden, b->hidden);
        assert_int_equal(a->enabled, b->enabled);
        assert_int_equal(a->recycle_bin, b->recycle_bin);
        assert_int_equal(a->recycle_days, b->recycle_days);
        assert_int_equal(a->recycle_max, b->recycle_max);
        assert_int_equal(a->previous_versions, b->previous_versions);
        assert_int_equal(a->macos, b->macos);
        assert_int_equal(a->time_machine, b->time_machine);
        assert_int_equal(a->time_machine_max, b->time_machine_max);
        assert_int_equal(a->case_sensitive, b->case_sensitive);
        assert_int_equal(a->audit, b->audit);
}

/* Every setting of every yes and no, with every encryption. */
static void every_flag(void **state)
{
        (void)state;
        for (unsigned bits = 0; bits < 2048; bits++) {
                smb_share share = full();
                bool *const flags[] = {&share.read_only,
                                       &share.guest_ok,
                                       &share.hidden,
                                       &share.enabled,
                                       &share.macos,
                                       &share.recycle_bin,
                                       &share.previous_versions,
                                       &share.audit,
                                       &share.time_machine,
                                       &share.homes,
                                       &share.case_sensitive};
                for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
                        *flags[i] = bits >> i & 1;
                share.encryption = (enum nas_shares_smb_encryption)(bits % 3);
                share.time_machine_max = share.time_machine ? 500 : 0;
                share.recycle_days = share.recycle_bin ? 30 : 0;
                share.recycle_max = share.recycle_bin ? 2 : 0;
                smb_share read = round_trip(&share);
                share.macos = share.macos || share.time_machine; /* which it is not without */
                same(&share, &read);
        }
}

static void bare(void **state)
{
        (void)state;
        smb_share share = smb_default();
        share.id = 1;
        share.name = "a";
        share.path = "/srv/tank";
        share.created_at = "2026-11-21T15:59:23.623606Z";
        smb_share read = round_trip(&share);
        same(&share, &read);
}

static void is_none_of_ours(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "",
                "#",
                "# 1 2026-11-21T15:59:23.623606Z",
                "# 1 2026-11-21T15:59:23.623606Z\n[a",
                "# 1 2026-11-21T15:59:23.623606Z\n[]\n\tpath = /srv/tank\n",
                "# 1 2026-11-21T15:59:23.623606Z\n[a]\n",
                "# 1 2026-11-21T15:59:23.623606Z\n[a]\n\tpath = /etc\n",
                "# 1 2026-11-21T15:59:23.623606Z\n[a]\n\tpath = /srv/tank/../etc\n",
                "# 0 2026-11-21T15:59:23.623606Z\n[a]\n\tpath = /srv/tank\n",
                "# 1 yesterday\n[a]\n\tpath = /srv/tank\n",
                "# 1 2026-11-21T15:59:23.623606Z\n[global]\n\tpath = /srv/tank\n",
        };
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                smb_share share;
                if (smb_read(arena_text(arena, texts[i], strlen(texts[i])), arena, &share))
                        fail_msg("'%s' is taken for a share", texts[i]);
        }
}

static void the_server(void **state)
{
        (void)state;
        for (unsigned bits = 0; bits < 36; bits++) {
                const struct nas_shares_smb_server wanted = {
                        .workgroup = "HOME",
                        .description = bits % 2 ? "Ours" : "",
                        .oldest_protocol = (enum nas_shares_smb_protocol)(bits % 3),
                        .encryption = (enum nas_shares_smb_encryption)(bits / 3 % 3),
                        .signing_required = bits / 9 & 1,
                        .guests = bits / 18 & 1};
                const char *lines[SMB_LINES_MAX];
                size_t count = smb_server_lines(&wanted, arena, lines);
                char *text = arena_printf(arena, "%s", "");
                for (size_t i = 0; i < count; i++) {
                        assert_true(value_is(&value_smb_server_setting, lines[i], strlen(lines[i])));
                        text = arena_printf(arena, "%s%s\n", text, lines[i]);
                }
                struct nas_shares_smb_server read = smb_server_read(text);
                assert_string_equal(read.workgroup, wanted.workgroup);
                assert_string_equal(read.description, wanted.description);
                assert_int_equal(read.oldest_protocol, wanted.oldest_protocol);
                assert_int_equal(read.encryption, wanted.encryption);
                assert_int_equal(read.signing_required, wanted.signing_required);
                assert_int_equal(read.guests, wanted.guests);
        }
}

static int make(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int drop(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(every_flag), cmocka_unit_test(bare),
                                           cmocka_unit_test(is_none_of_ours), cmocka_unit_test(the_server)};
        return cmocka_run_group_tests(tests, make, drop);
}
