/* Changes to what the trust file says, and checkpoints.
 * Rights: none. */
#include "base/mem.h"
#include "ticket/checkpoint.h"
#include "ticket/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void done(struct trust_content *content)
{
        free(content->epochs);
        free(content->ended);
}

/* Whatever order changes come in, the file can be read back: its lists are sorted and without doubles. */
static void reads_back(const struct trust_content *content)
{
        size_t length;
        uint8_t *bytes = trust_write(content, &length);
        struct trust_content *again = trust_parse(bytes, length);
        assert_non_null(again);
        assert_int_equal(again->epoch_count, content->epoch_count);
        assert_int_equal(again->ended_count, content->ended_count);
        trust_content_free(again);
        free(bytes);
}

static void epochs_rise_one_by_one(void **state)
{
        (void)state;
        static const uint32_t order[] = {20005, 20001, 4294967294u, 0, 20003, 20001, 20005, 20005};
        struct trust_content content = {0};
        for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
                uint32_t before = trust_epoch_of(&content, order[i]);
                trust_content_raise(&content, order[i]);
                assert_int_equal(trust_epoch_of(&content, order[i]), before + 1);
                reads_back(&content);
        }
        assert_int_equal(content.epoch_count, 5);
        assert_int_equal(trust_epoch_of(&content, 20002), 0);
        content.everybody = 10;
        assert_int_equal(trust_epoch_of(&content, 20005), 13);
        done(&content);
}

static void more_epochs_than_the_list_holds_end_everybodys(void **state)
{
        (void)state;
        struct trust_content content = {0};
        for (uint32_t i = 0; i < TRUST_LIST_MAX; i++)
                trust_content_raise(&content, i);
        trust_content_raise(&content, TRUST_LIST_MAX);
        assert_int_equal(trust_epoch_of(&content, TRUST_LIST_MAX), 1);
        reads_back(&content);
        done(&content);
}

static void what_was_published_in_this_boot_goes_on(void **state)
{
        (void)state;
        const uint8_t boot_id[BOOT_ID_BYTES] = {7}, other[BOOT_ID_BYTES] = {8};
        struct trust_content content = {.everybody = 3}, again;
        size_t length;
        memcpy(content.boot_id, boot_id, sizeof(boot_id));
        trust_content_end(&content, 50, 1000, 2000);
        uint8_t *bytes = trust_write(&content, &length);
        assert_true(trust_content_resume(&again, bytes, length, boot_id, 99));
        assert_true(again.everybody == 3 && trust_session_ended(&again, 50));
        done(&again);
        assert_false(trust_content_resume(&again, bytes, length, other, 99));
        assert_true(again.everybody == 0 && again.generation == 99 && !trust_session_ended(&again, 50));
        assert_memory_equal(again.boot_id, other, sizeof(other));
        assert_false(trust_content_resume(&again, bytes, length - 1, boot_id, 99));
        assert_false(trust_content_resume(&again, NULL, 0, boot_id, 99));
        assert_memory_equal(again.boot_id, boot_id, sizeof(boot_id));
        free(bytes);
        done(&content);
}

static void ended_sessions_are_listed_until_their_tickets_are_over(void **state)
{
        (void)state;
        static const uint64_t order[] = {50, 10, 90, 50, 70, 1};
        struct trust_content content = {0};
        for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
                trust_content_end(&content, order[i], 1000, 2000 + i);
                assert_true(trust_session_ended(&content, order[i]));
                reads_back(&content);
        }
        assert_int_equal(content.ended_count, 5);
        assert_false(trust_session_ended(&content, 60));
        trust_content_end(&content, 60, 2002, 3000); /* 10 and the first of 50 would be over; 50 was renewed */
        assert_false(trust_session_ended(&content, 10));
        assert_true(trust_session_ended(&content, 50));
        assert_true(trust_session_ended(&content, 60));
        reads_back(&content);
        done(&content);
}

static void more_ended_sessions_than_the_list_holds_end_everybodys(void **state)
{
        (void)state;
        struct trust_content content = {0};
        content.ended = mem_new(TRUST_LIST_MAX, sizeof(*content.ended));
        for (content.ended_count = 0; content.ended_count < TRUST_LIST_MAX; content.ended_count++)
                content.ended[content.ended_count] = (struct trust_ended){content.ended_count + 1, UINT64_MAX};
        trust_content_end(&content, 77777777, 0, 5);
        assert_int_equal(content.everybody, 1);
        reads_back(&content);
        done(&content);
}

static void keys_rotate_and_run_out(void **state)
{
        (void)state;
        struct trust_content content = {0};
        uint8_t public_key[PUBLIC_KEY_BYTES] = {7};
        assert_true(trust_content_key(&content, 1, public_key, 1000, 2000));
        assert_true(trust_content_key(&content, 1, public_key, 1000, 2000)); /* known: just signs again */
        assert_int_equal(content.key_count, 1);
        assert_true(trust_content_key(&content, 2, public_key, 1000, 2000));
        assert_int_equal(content.keys[0].not_after_ms, 2000);
        assert_int_equal(content.keys[1].not_after_ms, 0);
        assert_true(trust_content_key(&content, 3, public_key, 1100, 2100));
        assert_int_equal(content.keys[0].not_after_ms, 2000); /* its end is not moved */
        assert_true(trust_content_key(&content, 4, public_key, 1200, 2200));
        assert_false(trust_content_key(&content, 5, public_key, 1300, 2300));
        assert_int_equal(content.key_count, 4);
        assert_int_equal(content.keys[3].not_after_ms, 0); /* a refusal changes nothing */
        assert_true(trust_content_key(&content, 5, public_key, 2000, 3000));
        assert_int_equal(content.keys[content.key_count - 1].id, 5);
        reads_back(&content);
        done(&content);
}

static void checkpoints_round_trip(void **state)
{
        (void)state;
        struct checkpoint checkpoint = {.chain = "users",
                                        .number = 17,
                                        .hash = {1},
                                        .at_s = 1795237920,
                                        .key_id = 1,
                                        .signature = {2}},
                          again;
        uint8_t bytes[CHECKPOINT_FILE_MAX];
        size_t length = checkpoint_write(&checkpoint, bytes);
        assert_int_equal(checkpoint_decode(bytes, length, &again), 0);
        assert_string_equal(again.chain, checkpoint.chain);
        assert_int_equal(again.number, checkpoint.number);
        assert_memory_equal(again.hash, checkpoint.hash, sizeof(again.hash));
        assert_int_equal(again.at_s, checkpoint.at_s);
        assert_int_equal(again.key_id, checkpoint.key_id);
        assert_memory_equal(again.signature, checkpoint.signature, sizeof(again.signature));
        for (size_t cut = 0; cut < length; cut++)
                assert_int_equal(checkpoint_decode(bytes, cut, &again), -1);
        memset(checkpoint.chain, 'x', sizeof(checkpoint.chain) - 1); /* the longest name fits */
        length = checkpoint_write(&checkpoint, bytes);
        assert_int_equal(checkpoint_decode(bytes, length, &again), 0);
}

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(epochs_rise_one_by_one),
                cmocka_unit_test(more_epochs_than_the_list_holds_end_everybodys),
                cmocka_unit_test(what_was_published_in_this_boot_goes_on),
                cmocka_unit_test(ended_sessions_are_listed_until_their_tickets_are_over),
                cmocka_unit_test(more_ended_sessions_than_the_list_holds_end_everybodys),
                cmocka_unit_test(keys_rotate_and_run_out),
                cmocka_unit_test(checkpoints_round_trip),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
