/* The network hand's functions in folders of a test's own: what is published is whole and is what was named; what was
 * fetched is taken only while that is wanted.
 * Rights: none; files under /tmp. */
#include "act/parts.h"
#include "daemons/network/hand/network.h"
#include "policy/network_operations.h"
#include "tests/lib/certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

static struct {
        struct arena *arena;
        struct made nas, other;
        char folder[64];
        struct network network;
        struct journal_file journal;
        int journals;
} t;

static int folder_of(const char *name)
{
        const char *path = arena_printf(t.arena, "%s/%s", t.folder, name);
        assert_int_equal(mkdir(path, 0700), 0);
        return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void remove_all(int directory)
{
        for (int i = 0; i < 2; i++)
                unlinkat(directory, i ? "chain.pem" : "identity.pem", 0);
        unlinkat(directory, "settings", 0);
        unlinkat(directory, "order", 0);
        unlinkat(directory, "plan.0", 0);
}

static int set_up(void **state)
{
        (void)state;
        remove_all(t.network.tls);
        remove_all(t.network.acme);
        remove_all(t.network.out);
        remove_all(t.journals);
        return 0;
}

/* One operation's function, called as steps.c would. */
static int call(act_function *function, uint16_t number, const char *fingerprint, const char *identity,
                struct failure *failure)
{
        struct value values[] = {{fingerprint, (uint16_t)strlen(fingerprint)}, {identity, (uint16_t)strlen(identity)}};
        const struct operation *operation = &network_operations.list[number];
        struct action action = {.operation = number, .values = values};
        for (const char *const *param = operation->params; *param; param++)
                action.count++;
        struct act_context context = {.state = &t.network,
                                      .arena = t.arena,
                                      .operation = operation,
                                      .action = &action,
                                      .journal = &t.journal};
        *failure = (struct failure){0};
        return function(&context, failure);
}

static const char *identity_of(const struct made *made)
{
        return arena_printf(t.arena, "%s%s", made->key_pem, made->pem);
}

static const char *fingerprint_of(const struct made *made)
{
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned length;
        char *text = arena_alloc(t.arena, 2 * HASH_BYTES + 1);
        X509_digest(made->certificate, EVP_sha256(), hash, &length);
        text_hex(hash, length, text);
        return text;
}

static const char *there(int directory, const char *name)
{
        uint8_t *bytes;
        size_t length;
        if (file_read_below(directory, name, 100000, &bytes, &length) != 0)
                return "";
        const char *text = arena_text(t.arena, (const char *)bytes, length);
        free(bytes);
        return text;
}

static mode_t mode_of(const char *name)
{
        struct stat status;
        assert_int_equal(fstatat(t.network.tls, name, &status, 0), 0);
        return status.st_mode & 07777;
}

static void put_text(int directory, const char *name, const char *text)
{
        assert_int_equal(file_put(directory, name, text, strlen(text), 0644), 0);
}

static void only_what_was_named(void **state)
{
        (void)state;
        struct failure failure;
        const uint16_t put = NETWORK_CERTIFICATE_PUT;
        const char *two = arena_printf(t.arena, "%s%s", identity_of(&t.other), t.nas.pem);
        assert_int_equal(call(certificate_is_that, put, fingerprint_of(&t.nas), identity_of(&t.nas), &failure), 0);
        assert_int_equal(call(certificate_is_that, put, fingerprint_of(&t.nas), identity_of(&t.other), &failure), -1);
        assert_int_equal(failure.code, FAILURE_INVALID);
        assert_int_equal(call(certificate_is_that, put, fingerprint_of(&t.nas), two, &failure),
                         -1); /* the first counts */
        assert_int_equal(call(certificate_is_that, put, fingerprint_of(&t.nas), "", &failure), -1);
        assert_int_equal(call(certificate_is_that, put, "", "", &failure), -1);
        assert_int_equal(call(certificate_is_that, put, "", t.nas.key_pem, &failure), -1);
}

static void put_and_undone(void **state)
{
        (void)state;
        struct failure failure;
        const uint16_t put = NETWORK_CERTIFICATE_PUT, restore = NETWORK_CERTIFICATE_RESTORE;
        assert_int_equal(call(certificate_restore, restore, "", "", &failure), 0); /* nothing kept: nothing to do */
        assert_int_equal(call(certificate_put, put, fingerprint_of(&t.nas), identity_of(&t.nas), &failure), 0);
        assert_string_equal(there(t.network.tls, "identity.pem"), identity_of(&t.nas));
        assert_string_equal(there(t.network.tls, "chain.pem"), t.nas.pem);
        assert_int_equal(mode_of("identity.pem"), 0640);
        assert_int_equal(mode_of("chain.pem"), 0644);
        assert_int_equal(call(certificate_restore, restore, "", "", &failure), 0); /* there was none */
        assert_string_equal(there(t.network.tls, "identity.pem"), "");
        assert_string_equal(there(t.network.tls, "chain.pem"), "");
}

static void the_former_one_comes_back(void **state)
{
        (void)state;
        struct failure failure;
        put_text(t.network.tls, "identity.pem", identity_of(&t.nas));
        const uint16_t put = NETWORK_CERTIFICATE_PUT;
        for (int again = 0; again < 2; again++) /* after a crash it is called once more: the first is kept */
                assert_int_equal(call(certificate_put, put, fingerprint_of(&t.other), identity_of(&t.other), &failure),
                                 0);
        assert_string_equal(there(t.network.tls, "chain.pem"), t.other.pem);
        assert_int_equal(call(certificate_restore, NETWORK_CERTIFICATE_RESTORE, "", "", &failure), 0);
        assert_string_equal(there(t.network.tls, "identity.pem"), identity_of(&t.nas));
        assert_string_equal(there(t.network.tls, "chain.pem"), t.nas.pem);
        set_up(NULL);
        put_text(t.network.tls, "identity.pem", identity_of(&t.nas));
        assert_int_equal(call(certificate_drop, NETWORK_CERTIFICATE_DROP, "", "", &failure), 0);
        assert_string_equal(there(t.network.tls, "identity.pem"), "");
        assert_int_equal(call(certificate_restore, NETWORK_CERTIFICATE_RESTORE, "", "", &failure), 0);
        assert_string_equal(there(t.network.tls, "identity.pem"), identity_of(&t.nas));
}

static void ordering_is_calm(void **state)
{
        (void)state;
        struct failure failure;
        const uint16_t due = NETWORK_ACME_DUE;
        assert_int_equal(call(acme_is_calm, due, "", "", &failure), -1);
        assert_int_equal(failure.code, FAILURE_CONFLICT);
        put_text(t.network.acme, "settings", "");
        assert_int_equal(call(acme_is_wanted, due, "", "", &failure), -1);
        put_text(t.network.acme, "settings", "x\n");
        assert_int_equal(call(acme_is_calm, due, "", "", &failure), 0);
        assert_int_equal(call(acme_order, due, "", "", &failure), 0);
        assert_true(strlen(there(t.network.acme, "order")) > 10);
        assert_int_equal(call(acme_is_calm, due, "", "", &failure), -1);
        assert_int_equal(failure.code, FAILURE_BUSY);
        struct timespec times[2] = {{.tv_sec = time(NULL) - 11}, {.tv_sec = time(NULL) - 11}};
        utimensat(t.network.acme, "order", times, 0);
        assert_int_equal(call(acme_is_calm, due, "", "", &failure), 0);
        times[1].tv_sec = time(NULL) + 1000; /* the clock was set back since */
        utimensat(t.network.acme, "order", times, 0);
        assert_int_equal(call(acme_is_calm, due, "", "", &failure), 0);
}

static void fetched_ones_are_taken_whole(void **state)
{
        (void)state;
        struct failure failure;
        const uint16_t take = NETWORK_ACME_TAKE;
        assert_int_equal(call(acme_take, take, fingerprint_of(&t.nas), "", &failure), -1); /* there is none */
        put_text(t.network.out, "identity.pem", arena_printf(t.arena, "%s\n%s", t.nas.pem, t.nas.key_pem));
        assert_int_equal(call(acme_take, take, fingerprint_of(&t.other), "", &failure), -1);
        assert_string_equal(there(t.network.tls, "identity.pem"), "");
        assert_int_equal(call(acme_take, take, fingerprint_of(&t.nas), "", &failure), 0);
        assert_string_equal(there(t.network.tls, "chain.pem"), t.nas.pem);
        const char *hostile[] = {"",
                                 "hello",
                                 t.nas.pem,
                                 t.nas.key_pem,
                                 arena_printf(t.arena, "%s%s%s", t.nas.pem, t.nas.key_pem, "x"),
                                 arena_printf(t.arena, "%s%s%s", t.nas.pem, t.nas.key_pem, t.nas.key_pem)};
        for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
                put_text(t.network.out, "identity.pem", hostile[i]);
                assert_int_equal(call(acme_take, take, fingerprint_of(&t.nas), "", &failure), -1);
        }
        unlinkat(t.network.out, "identity.pem", 0);
        assert_int_equal(symlinkat("/etc/hostname", t.network.out, "identity.pem"), 0);
        assert_int_equal(call(acme_take, take, fingerprint_of(&t.nas), "", &failure), -1);
        assert_string_equal(there(t.network.tls, "chain.pem"), t.nas.pem);
}

static int begin(void **state)
{
        (void)state;
        crypto_start();
        t.arena = arena_new();
        t.nas = made_new(t.arena, &(struct recipe){.name = "nas", .hosts = "DNS:nas.example.org"});
        t.other = made_new(t.arena, &(struct recipe){.name = "other", .hosts = "DNS:other.example.org"});
        snprintf(t.folder, sizeof(t.folder), "/tmp/network-hand.XXXXXX");
        assert_non_null(mkdtemp(t.folder));
        t.network = (struct network){.tls = folder_of("tls"), .acme = folder_of("acme"), .out = folder_of("out")};
        t.journals = folder_of("journal");
        t.journal = (struct journal_file){.directory = t.journals, .name = "plan"};
        return 0;
}

static int end(void **state)
{
        set_up(state);
        static const char *const names[] = {"tls", "acme", "out", "journal", ""};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                rmdir(arena_printf(t.arena, "%s/%s", t.folder, names[i]));
        close(t.network.tls), close(t.network.acme), close(t.network.out), close(t.journals);
        made_free(&t.nas);
        made_free(&t.other);
        arena_free(t.arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(only_what_was_named, set_up),
                cmocka_unit_test_setup(put_and_undone, set_up),
                cmocka_unit_test_setup(the_former_one_comes_back, set_up),
                cmocka_unit_test_setup(ordering_is_calm, set_up),
                cmocka_unit_test_setup(fetched_ones_are_taken_whole, set_up),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
