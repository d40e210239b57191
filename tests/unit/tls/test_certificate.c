/* Chains and keys that somebody sends: what is found in them, and all that is refused, with the reason.
 * Rights: none. */
#include "base/mem.h"
#include "sys/file.h"
#include "tests/lib/certificates.h"
#include "tls/tls.h"
#include "value/types.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct {
        struct arena *arena;
        struct made root, middle, leaf;
} t;

static struct made issue(struct recipe recipe)
{
        if (recipe.hosts == NULL)
                recipe.hosts = "DNS:nas.example.org";
        recipe.name = recipe.name != NULL ? recipe.name : "nas";
        recipe.by = recipe.by != NULL ? recipe.by : &t.middle;
        return made_new(t.arena, &recipe);
}

static int set_up(void **state)
{
        (void)state;
        certificate_start();
        t.arena = arena_new();
        t.root = made_new(t.arena, &(struct recipe){.name = "Root", .authority = true});
        t.middle = made_new(t.arena, &(struct recipe){.name = "Middle", .authority = true, .by = &t.root});
        t.leaf = issue(
                (struct recipe){.hosts = "DNS:NAS.example.org,DNS:*.home.example.org,IP:192.0.2.7,IP:2001:db8::1"});
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        made_free(&t.leaf);
        made_free(&t.middle);
        made_free(&t.root);
        arena_free(t.arena);
        return 0;
}

static const char *joined(const char *a, const char *b)
{
        return arena_printf(t.arena, "%s%s", a, b);
}

static int read_chain(const char *pem, struct tls_facts *facts, struct failure *failure)
{
        *failure = (struct failure){0};
        return certificate_read(pem, strlen(pem), "chain", facts, failure);
}

static void refused(const char *pem, const char *word)
{
        struct tls_facts facts = {.name_count = 77};
        struct failure failure;
        if (read_chain(pem, &facts, &failure) == 0)
                fail_msg("taken, though it %s", word);
        assert_int_equal(failure.code, FAILURE_INVALID);
        assert_string_equal(failure.field, "chain");
        if (strstr(failure.message, word) == NULL)
                fail_msg("'%s' does not say that it %s", failure.message, word);
        assert_int_equal(facts.name_count, 77); /* untouched */
}

static void facts_are_those_of_the_first_one(void **state)
{
        (void)state;
        struct tls_facts facts;
        struct failure failure;
        assert_int_equal(read_chain(joined(t.leaf.pem, t.middle.pem), &facts, &failure), 0);
        assert_string_equal(facts.subject, "CN=nas");
        assert_string_equal(facts.issuer, "CN=Middle");
        assert_string_equal(facts.key, "EC P-256");
        assert_int_equal(facts.name_count, 4);
        assert_string_equal(facts.names[0], "nas.example.org");
        assert_string_equal(facts.names[1], "*.home.example.org");
        assert_string_equal(facts.names[2], "192.0.2.7");
        assert_string_equal(facts.names[3], "2001:db8::1");
        assert_false(facts.self_signed || facts.incomplete);
        assert_int_equal(strlen(facts.fingerprint), 95);
        assert_in_range(facts.not_after_s - time(NULL), 90 * 86400 - 60, 90 * 86400 + 60);
        assert_in_range(time(NULL) - facts.not_before_s, 3540, 3660);
        assert_int_equal(strlen(facts.not_after), 20);
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned length;
        X509_digest(t.leaf.certificate, EVP_sha256(), hash, &length);
        for (unsigned i = 0; i < 32; i++)
                assert_int_equal(strtoul(facts.fingerprint + 3 * i, NULL, 16), hash[i]);
}

static void what_stands_alone_is_told(void **state)
{
        (void)state;
        struct tls_facts facts;
        struct failure failure;
        struct made own = made_new(t.arena, &(struct recipe){.name = "own", .hosts = "DNS:own.example"});
        assert_int_equal(read_chain(own.pem, &facts, &failure), 0);
        assert_true(facts.self_signed && !facts.incomplete);
        made_free(&own);
        assert_int_equal(read_chain(t.leaf.pem, &facts, &failure), 0);
        assert_true(facts.incomplete && !facts.self_signed);
        assert_int_equal(read_chain(joined(joined(t.leaf.pem, t.middle.pem), t.root.pem), &facts, &failure), 0);
        assert_false(facts.incomplete);
}

static void text_around_is_no_matter(void **state)
{
        (void)state;
        struct tls_facts facts;
        struct failure failure;
        const char *text =
                arena_printf(t.arena, "Bag Attributes\r\n  friendlyName: x\r\n%s\n\n%s\n", t.leaf.pem, t.middle.pem);
        assert_int_equal(read_chain(text, &facts, &failure), 0);
        assert_string_equal(facts.subject, "CN=nas");
}

static void bad_chains_are_refused(void **state)
{
        (void)state;
        refused("", "no certificate");
        refused("hello", "no certificate");
        refused(t.leaf.key_pem, "no certificate");
        refused("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "no certificate");
        refused(arena_printf(t.arena, "%.*s", (int)strlen(t.leaf.pem) - 40, t.leaf.pem), "no certificate");
        refused(joined(t.leaf.pem, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"), "no certificate");
        refused(joined(t.leaf.pem, t.root.pem), "is not in order");
        refused(joined(joined(t.leaf.pem, t.root.pem), t.middle.pem), "is not in order");
        struct made impostor = made_new(t.arena, &(struct recipe){.name = "Middle", .authority = true});
        refused(joined(t.leaf.pem, impostor.pem), "is not in order"); /* the name alone is nothing */
        made_free(&impostor);
        const char *many = "";
        for (int i = 0; i < CERTIFICATE_CHAIN_MAX + 1; i++)
                many = joined(many, t.leaf.pem);
        refused(many, "too many");
        char *large = arena_alloc(t.arena, CERTIFICATE_PEM_MAX + 2);
        memset(large, '\n', CERTIFICATE_PEM_MAX + 1);
        refused(large, "too long");
}

static void refused_recipe(struct recipe recipe, const char *word)
{
        struct made made = issue(recipe);
        refused(joined(made.pem, t.middle.pem), word);
        made_free(&made);
}

static void what_browsers_refuse_is_refused(void **state)
{
        (void)state;
        refused_recipe((struct recipe){.rsa_bits = 1024}, "browsers do not take");
        refused_recipe((struct recipe){.curve = "secp224r1"}, "browsers do not take");
        refused_recipe((struct recipe){.curve = "secp256k1"}, "browsers do not take");
        refused_recipe((struct recipe){.digest = "SHA1"}, "too weak");
        refused_recipe((struct recipe){.usage = "clientAuth"}, "not made for servers");
        struct made bare = made_new(t.arena, &(struct recipe){.name = "nas.example.org", .by = &t.middle});
        refused(joined(bare.pem, t.middle.pem), "names no host");
        made_free(&bare);
}

static void good_kinds_are_taken(void **state)
{
        (void)state;
        static const struct {
                struct recipe recipe;
                const char *key;
        } kinds[] = {{{.rsa_bits = 2048}, "RSA 2048"},
                     {{.curve = "P-384"}, "EC P-384"},
                     {{.curve = "P-521", .digest = "SHA512"}, "EC P-521"},
                     {{.usage = "serverAuth,clientAuth"}, "EC P-256"},
                     {{.from_s = -20 * 86400, .to_s = -86400}, "EC P-256"}}; /* dates are not judged here */
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                struct tls_facts facts;
                struct failure failure;
                struct made made = issue(kinds[i].recipe);
                if (read_chain(joined(made.pem, t.middle.pem), &facts, &failure) != 0)
                        fail_msg("%zu: %s", i, failure.message);
                assert_string_equal(facts.key, kinds[i].key);
                assert_non_null(certificate_identity(made.pem, strlen(made.pem), made.key_pem, strlen(made.key_pem),
                                                     t.arena, &failure));
                made_free(&made);
        }
}

static void hostile_names_are_escaped(void **state)
{
        (void)state;
        struct tls_facts facts;
        struct failure failure;
        struct made made = issue((struct recipe){.name = "a\x1b[31m\xe2\x80\xae\"b\nc"});
        assert_int_equal(read_chain(made.pem, &facts, &failure), 0);
        for (const char *at = facts.subject; *at; at++)
                assert_in_range(*at, 0x20, 0x7e);
        made_free(&made);
        char name[65]; /* the longest common name, and all of it is escaped */
        memset(name, '"', 64);
        name[64] = '\0';
        made = issue((struct recipe){.name = name});
        assert_int_equal(read_chain(made.pem, &facts, &failure), 0);
        assert_true(strlen(facts.subject) < sizeof(facts.subject));
        made_free(&made);
}

static void many_names_are_cut(void **state)
{
        (void)state;
        const char *hosts = "DNS:a0.example";
        for (int i = 1; i < CERTIFICATE_NAMES_MAX + 10; i++)
                hosts = arena_printf(t.arena, "%s,DNS:a%d.example", hosts, i);
        struct tls_facts facts;
        struct failure failure;
        struct made made = issue((struct recipe){.hosts = hosts});
        assert_int_equal(read_chain(made.pem, &facts, &failure), 0);
        assert_int_equal(facts.name_count, CERTIFICATE_NAMES_MAX);
        made_free(&made);
}

static const char *identity(const char *chain, const char *key, struct failure *failure)
{
        *failure = (struct failure){0};
        return certificate_identity(chain, strlen(chain), key, strlen(key), t.arena, failure);
}

static void identities_are_written_anew(void **state)
{
        (void)state;
        struct failure failure;
        const char *chain = arena_printf(t.arena, "# ours\n%s\n\n%s", t.leaf.pem, t.middle.pem);
        const char *text = identity(chain, joined("Key Attributes\n", t.leaf.key_pem), &failure);
        assert_non_null(text);
        assert_string_equal(text, joined(joined(t.leaf.key_pem, t.leaf.pem), t.middle.pem));
        assert_int_equal(value_check(&value_pem_identity, "identity", text, strlen(text), NULL), 0);
}

static void wrong_keys_are_refused(void **state)
{
        (void)state;
        struct failure failure;
        assert_null(identity(t.leaf.pem, t.middle.key_pem, &failure));
        assert_string_equal(failure.field, "key");
        assert_non_null(strstr(failure.message, "not the key of this certificate"));
        assert_null(identity(t.leaf.pem, t.leaf.pem, &failure));
        assert_non_null(strstr(failure.message, "is no private key"));
        assert_null(identity(t.leaf.pem, "", &failure));
        assert_null(identity("", t.leaf.key_pem, &failure));
        assert_string_equal(failure.field, "chain");
        BIO *locked = BIO_new(BIO_s_mem());
        PEM_write_bio_PKCS8PrivateKey(locked, t.leaf.key, EVP_aes_256_cbc(), "word", 4, NULL, NULL);
        assert_null(identity(t.leaf.pem, made_text(locked, t.arena), &failure));
        assert_non_null(strstr(failure.message, "has a password"));
        struct made rsa = issue((struct recipe){.rsa_bits = 2048});
        assert_null(identity(rsa.pem, t.leaf.key_pem, &failure));
        assert_null(identity(t.leaf.pem, rsa.key_pem, &failure));
        made_free(&rsa);
        char *large = arena_alloc(t.arena, CERTIFICATE_PEM_MAX + 2);
        memset(large, '\n', CERTIFICATE_PEM_MAX + 1);
        assert_null(identity(large, t.leaf.key_pem, &failure));
        assert_string_equal(failure.field, "chain");
        assert_null(identity(t.leaf.pem, large, &failure));
        assert_string_equal(failure.field, "key");
}

/* A key whose public half is the certificate's and whose private half is another's. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* the only way to make such a key */
static void half_a_key_is_refused(void **state)
{
        (void)state;
        struct failure failure;
        struct made other = issue((struct recipe){.name = "other"});
        BIO *text = BIO_new(BIO_s_mem());
        EC_KEY *mixed = EC_KEY_dup(EVP_PKEY_get0_EC_KEY(other.key));
        EC_KEY_set_public_key(mixed, EC_KEY_get0_public_key(EVP_PKEY_get0_EC_KEY(t.leaf.key)));
        PEM_write_bio_ECPrivateKey(text, mixed, NULL, NULL, 0, NULL, NULL);
        assert_null(identity(t.leaf.pem, made_text(text, t.arena), &failure));
        assert_string_equal(failure.field, "key");
        EC_KEY_free(mixed);
        made_free(&other);
}

static void the_machines_own_is_taken(void **state)
{
        (void)state;
        struct tls_facts facts;
        struct failure failure = {0};
        const char *names[] = {"nas.local", "192.0.2.7"};
        char folder[] = "/tmp/certificate.XXXXXX";
        uint8_t *chain = NULL;
        size_t length;
        assert_non_null(mkdtemp(folder));
        int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(tls_identity_make(directory, names, 2, &failure), 0);
        assert_int_equal(file_read_below(directory, CERTIFICATE_CHAIN_FILE, CERTIFICATE_PEM_MAX, &chain, &length), 0);
        assert_int_equal(certificate_read((const char *)chain, length, "chain", &facts, &failure), 0);
        assert_true(facts.self_signed);
        assert_int_equal(facts.name_count, 2);
        free(chain);
        unlinkat(directory, CERTIFICATE_CHAIN_FILE, 0);
        unlinkat(directory, CERTIFICATE_IDENTITY_FILE, 0);
        rmdir(folder);
        close(directory);
}

static void names_cover_hosts(void **state)
{
        (void)state;
        assert_true(certificate_covers("nas.example.org", "nas.example.org"));
        assert_true(certificate_covers("nas.example.org", "NAS.example.org"));
        assert_false(certificate_covers("nas.example.org", "nas.example.or"));
        assert_true(certificate_covers("*.example.org", "nas.example.org"));
        assert_false(certificate_covers("*.example.org", "a.b.example.org"));
        assert_false(certificate_covers("*.example.org", "example.org"));
        assert_false(certificate_covers("*.example.org", ".example.org"));
        assert_false(certificate_covers("*", "localhost"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(facts_are_those_of_the_first_one),
                cmocka_unit_test(what_stands_alone_is_told),
                cmocka_unit_test(text_around_is_no_matter),
                cmocka_unit_test(bad_chains_are_refused),
                cmocka_unit_test(what_browsers_refuse_is_refused),
                cmocka_unit_test(good_kinds_are_taken),
                cmocka_unit_test(hostile_names_are_escaped),
                cmocka_unit_test(many_names_are_cut),
                cmocka_unit_test(identities_are_written_anew),
                cmocka_unit_test(wrong_keys_are_refused),
                cmocka_unit_test(half_a_key_is_refused),
                cmocka_unit_test(the_machines_own_is_taken),
                cmocka_unit_test(names_cover_hosts),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
