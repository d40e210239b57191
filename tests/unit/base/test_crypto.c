/* The door to libsodium: published test vectors, and that kinds of signed things stay apart.
 * Rights: none; starts children of itself. */
#include "base/crypto.h"
#include "base/text.h"
#include "tests/unit/base/ends.h"

static void hashes_are_the_published_ones(void **state)
{
        (void)state;
        uint8_t hash[HASH_BYTES];
        char text[2 * HASH_BYTES + 1];
        crypto_sha256("abc", 3, hash);
        text_hex(hash, sizeof(hash), text);
        assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        crypto_sha256("", 0, hash);
        text_hex(hash, sizeof(hash), text);
        assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        struct crypto_hasher hasher;
        crypto_hash_begin(&hasher);
        crypto_hash_add(&hasher, "a", 1);
        crypto_hash_add(&hasher, "", 0);
        crypto_hash_add(&hasher, "bc", 2);
        crypto_hash_end(&hasher, hash);
        text_hex(hash, sizeof(hash), text);
        assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void keyed_hashes_depend_on_the_key(void **state)
{
        (void)state;
        uint8_t key[32] = {1}, other[32] = {2}, a[HASH_BYTES], b[HASH_BYTES];
        crypto_keyed_hash(key, "text", 4, a);
        crypto_keyed_hash(key, "text", 4, b);
        assert_true(crypto_equal(a, b, sizeof(a)));
        crypto_keyed_hash(other, "text", 4, b);
        assert_false(crypto_equal(a, b, sizeof(a)));
        crypto_keyed_hash(key, "texu", 4, b);
        assert_false(crypto_equal(a, b, sizeof(a)));
}

static void signatures_hold_for_these_bytes_only(void **state)
{
        (void)state;
        uint8_t seed[SEED_BYTES] = {7}, public_key[PUBLIC_KEY_BYTES], secret[SECRET_KEY_BYTES];
        uint8_t other_seed[SEED_BYTES] = {8}, other_public[PUBLIC_KEY_BYTES], other_secret[SECRET_KEY_BYTES];
        uint8_t signature[SIGNATURE_BYTES], bytes[] = "a plan";
        crypto_key_from_seed(seed, public_key, secret);
        crypto_key_from_seed(other_seed, other_public, other_secret);
        crypto_sign_domain("ticket", bytes, sizeof(bytes), secret, signature);
        assert_true(crypto_verify_domain("ticket", bytes, sizeof(bytes), public_key, signature));
        assert_false(crypto_verify_domain("warrant", bytes, sizeof(bytes), public_key, signature));
        assert_false(crypto_verify_domain("ticket", bytes, sizeof(bytes) - 1, public_key, signature));
        assert_false(crypto_verify_domain("ticket", bytes, sizeof(bytes), other_public, signature));
        for (size_t bit = 0; bit < 8 * SIGNATURE_BYTES; bit++) {
                signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(crypto_verify_domain("ticket", bytes, sizeof(bytes), public_key, signature));
                signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(crypto_verify_domain("ticket", bytes, sizeof(bytes), public_key, signature));
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(crypto_verify_domain("ticket", bytes, sizeof(bytes), public_key, signature));
        /* The end of a domain is signed too: "ab" + "c" is not "a" + "bc". */
        crypto_sign_domain("ab", "c", 1, secret, signature);
        assert_false(crypto_verify_domain("a", "bc", 2, public_key, signature));
}

static void versions_are_the_same_everywhere(void **state)
{
        (void)state;
        char text[VERSION_TEXT_SIZE];
        crypto_version("", 0, text);
        assert_string_equal(text, "cae66941d9efbd404e4d88758ea67670"); /* BLAKE2b of nothing, 16 bytes */
        crypto_version("abc", 3, text);
        assert_string_equal(text, "cf4ab791c62b8d2b2109c90275287816");
}

static void secrets_are_wiped_and_random(void **state)
{
        (void)state;
        uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
        crypto_random(a, sizeof(a));
        crypto_random(b, sizeof(b));
        assert_memory_not_equal(a, b, sizeof(a));
        assert_memory_not_equal(a, zero, sizeof(a));
        crypto_wipe(a, sizeof(a));
        assert_memory_equal(a, zero, sizeof(a));
        assert_true(crypto_equal(a, zero, 0));
}

static void no_domain(void)
{
        uint8_t secret[SECRET_KEY_BYTES] = {0}, signature[SIGNATURE_BYTES];
        crypto_sign_domain("", "a", 1, secret, signature);
}

static void preconditions_fire(void **state)
{
        (void)state;
        aborts(no_domain, "domain");
}

int main(void)
{
        crypto_start();
        crypto_start(); /* again does no harm */
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hashes_are_the_published_ones),
                cmocka_unit_test(keyed_hashes_depend_on_the_key),
                cmocka_unit_test(signatures_hold_for_these_bytes_only),
                cmocka_unit_test(versions_are_the_same_everywhere),
                cmocka_unit_test(secrets_are_wiped_and_random),
                cmocka_unit_test(preconditions_fire),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
