/* Hostile values for every field of everything that the contract of shares lets be changed, one field at a time: each goes
 * through the real reader of the contract, the real clerk, and the real templates of its hand. What is refused changes
 * nothing; what is accepted stands where it belongs and nowhere else. Fields and what is right for them are taken from the
 * contract, so that a new one is tried without a word here.
 *
 * HOSTILE_TRIES says how many for each field (150). HOSTILE_ACCEPTED names a file to which some of what was accepted is
 * written, for the real servers (tests/appliance/hostile_settings.py). Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/idl.h"
#include "nas_shares.h"
#include "tests/unit/fake/hostile.h"
#include "tests/unit/shares_clerk/judge.h"
#include "tests/unit/shares_clerk/machine.h"
#include "wire/wire.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum {
        TRIES = 150,
        TRIES_SLOWED = 20,
        KEPT_A_FIELD = 200,
        FAULTS_SHOWN = 5,
        TICKET_TRIES = 2000,
        FIELDS_AT_LEAST = 80
};
#define SEED 20260131

extern const struct wire_interface nas_shares_interface;

/* What is being tried, and what became of it. */
static struct {
        bool on, learns, accepted;
        const char *given;            /* the text that must stand in the plan; NULL: not to be looked for */
        char wrong[512];              /* "": nothing */
        unsigned long accepted_count; /* of one field */
        struct dice dice;
        FILE *kept;
} trial;

static void note(const char *wrong)
{
        if (wrong && !*trial.wrong)
                snprintf(trial.wrong, sizeof(trial.wrong), "%s", wrong);
}

/* --- where clerks hand over what they have decided --- */

void __real_shares_run(struct call *call, struct change *change, int result, const struct failure *failure);
void __wrap_shares_run(struct call *call, struct change *change, int result, const struct failure *failure);
void __wrap_shares_run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        struct failure enough = {0};
        if (!trial.on || result != 0) {
                __real_shares_run(call, change, result, failure);
                return;
        }
        trial.accepted = true;
        note(judge_plan(change->plan, trial.learns, change->arena));
        if (trial.given && !judge_has(change->plan, trial.given))
                note("it does not stand in the plan");
        failure_set(&enough, FAILURE_CONFLICT, "", "", "That was all.");
        __real_shares_run(call, change, -1, &enough);
}

static void judge_question(uint16_t operation, const char *value, struct arena *arena)
{
        const struct value one = {.text = value, .length = value ? (uint16_t)strlen(value) : 0};
        const struct action action = {.operation = operation, .count = value ? 1 : 0, .values = &one};
        if (trial.on)
                note(judge_action(&action, trial.learns, arena));
}

void __real_shares_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *answered, void *context);
void __wrap_shares_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *answered, void *context);
void __wrap_shares_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *answered, void *context)
{
        judge_question(operation, value, arena);
        __real_shares_ask(operation, value, arena, answered, context);
}

void __real_shares_ask_much(uint16_t operation, const char *value, size_t most, struct arena *arena,
                            hand_done *answered, void *context);
void __wrap_shares_ask_much(uint16_t operation, const char *value, size_t most, struct arena *arena,
                            hand_done *answered, void *context);
void __wrap_shares_ask_much(uint16_t operation, const char *value, size_t most, struct arena *arena,
                            hand_done *answered, void *context)
{
        judge_question(operation, value, arena);
        __real_shares_ask_much(operation, value, most, arena, answered, context);
}

/* The programs that a domain and a directory need are there. */
int __real_stat(const char *path, struct stat *ret_status);
int __wrap_stat(const char *path, struct stat *ret_status);
int __wrap_stat(const char *path, struct stat *ret_status)
{
        return strncmp(path, "/usr/sbin/", strlen("/usr/sbin/")) == 0 ? 0 : __real_stat(path, ret_status);
}

/* --- what is right for a field --- */

/* Where an example is not enough: it must be there as well, or must not. */
static const struct {
        const char *type, *good;
} rights[] = {{"share_name", "pictures"},
              {"served_path", "/srv/tank/pictures"},
              {"nfs_path", "/srv/tank/pictures"},
              {"share_user", "root"},
              {"service_key", "smb"},
              {"network", "192.168.1.0/24"},
              {"realm", "bulk.test"},
              {"nfs_client", "192.168.1.0/24 rw"}};
/* What is given is written in another way, or it is a number or a name for something. */
static const char *const written_otherwise[] = {"nfs_client", "service_key", "label", "pem_chain"};

static const char *user = "root"; /* who is named */

static const char *type_of(const struct idl_field *field)
{
        return field->said.notes[IDL_IS] ? field->said.notes[IDL_IS]->words[0] : "";
}

static const char *good_text(const struct idl_field *field)
{
        const struct value_type *type = value_type_find(type_of(field));
        if (strcmp(type_of(field), "share_user") == 0)
                return user;
        for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
                if (strcmp(rights[i].type, type_of(field)) == 0)
                        return rights[i].good;
        return type ? type->example : "words";
}

static const struct idl_type *item_of(const struct idl_field *field)
{
        const struct idl_type *type = idl_real(field->type);
        return type->kind == IDL_ARRAY ? idl_real(type->of) : type;
}

static int64_t number_of(const struct idl_member *method, const struct idl_field *field)
{
        if (strcmp(field->name, "id") == 0 && strstr(method->name, "SmbShare"))
                return smb_named("photos")->id;
        return strstr(method->name, "Client") ? 671
               : field->said.notes[IDL_RANGE] ? field->said.notes[IDL_RANGE]->from
                                              : 1;
}

/* The nth of those that are right; NULL: there are no more. */
static const char *good(const struct idl_member *method, const struct idl_field *field, size_t n)
{
        const struct idl_type *item = item_of(field);
        const struct idl_note *range = field->said.notes[IDL_RANGE];
        const char *one = NULL;
        if (item->kind == IDL_BOOL && n < 2)
                one = n == 0 ? "true" : "false";
        if (item->kind == IDL_INT && n < (range && strcmp(field->name, "id") != 0 ? 3u : 1u))
                one = arena_printf(fake_arena, "%" PRId64, n == 1 ? range->to : number_of(method, field) + (n == 2));
        if (item->kind == IDL_STRING && n == 0)
                one = hostile_quoted(good_text(field), fake_arena);
        if (item->kind == IDL_ENUM) {
                const struct idl_field *word = item->fields;
                while (word && n-- > 0)
                        word = word->next;
                one = word ? hostile_quoted(word->name, fake_arena) : NULL;
        }
        return one && idl_real(field->type)->kind == IDL_ARRAY ? arena_printf(fake_arena, "[%s]", one) : one;
}

/* --- what is asked --- */

/* All that must be said, as is right, and that one field. */
static const char *request(const struct idl_member *method, const struct idl_field *tried, const char *value)
{
        const char *all = arena_printf(fake_arena, "{\"%s\":%s", tried->name, value);
        for (const struct idl_field *field = method->type->fields; field; field = field->next)
                if (field != tried && !field->type->optional)
                        all = arena_printf(fake_arena, "%s,\"%s\":%s", all, field->name, good(method, field, 0));
        return arena_printf(fake_arena, "%s}", all);
}

static void ask(const struct idl_member *method, const char *parameters)
{
        static char caller[TICKET_TEXT_MAX + 64];
        static unsigned long asked;
        if (asked++ % TICKET_TRIES == 0)
                snprintf(caller, sizeof(caller), "\"dry_run\":true,\"ticket\":\"%s\"",
                         fake_ticket("ada", 20000, ROLE_ADMIN, 0));
        trial.accepted = false;
        *trial.wrong = '\0';
        trial.on = true;
        struct fake_reply reply = fake_call(method->name, parameters, caller);
        trial.on = false;
        if (!reply.error)
                note("it is answered as if it had been carried out");
        fake_reply_free(&reply);
}

static const char *hostile(const struct idl_field *field)
{
        const bool texts = item_of(field)->kind == IDL_STRING || item_of(field)->kind == IDL_ENUM;
        if (!texts || dice_roll(&trial.dice, 20) == 0)
                return hostile_other(&trial.dice);
        const char *right = item_of(field)->kind == IDL_ENUM ? item_of(field)->fields->name : good_text(field);
        const char *one = hostile_text(&trial.dice, right, fake_arena);
        if (idl_real(field->type)->kind != IDL_ARRAY || dice_roll(&trial.dice, 30) == 0)
                return one;
        return dice_roll(&trial.dice, 2) == 0
                       ? arena_printf(fake_arena, "[%s]", one)
                       : arena_printf(fake_arena, "[%s,%s]", hostile_quoted(right, fake_arena), one);
}

/* The text that was hostile in it; NULL: there is none to be looked for. */
static const char *given_in(const struct idl_field *field, const char *value)
{
        for (size_t i = 0; i < ARRAY_SIZE(written_otherwise); i++)
                if (strcmp(type_of(field), written_otherwise[i]) == 0)
                        return NULL;
        if (item_of(field)->kind != IDL_STRING)
                return NULL;
        const struct json *json = json_parse_in(fake_arena, value, strlen(value), NULL);
        if (json_type_of(json) == JSON_ARRAY && json_length(json) > 0)
                json = json_item(json, json_length(json) - 1);
        return json_type_of(json) == JSON_TEXT ? json_text(json, NULL) : NULL;
}

static void keep(const struct idl_member *method, const char *parameters)
{
        const struct idl_note *route = method->said.notes[IDL_HTTP];
        if (trial.kept && trial.accepted_count <= KEPT_A_FIELD)
                fprintf(trial.kept, "%s %s %s %s\n", method->name, route->words[0], route->words[1], parameters);
}

/* How many were wrong. */
static unsigned try_one(const struct idl_member *method, const struct idl_field *field)
{
        const char *value = hostile(field), *parameters = request(method, field, value);
        trial.given = given_in(field, value);
        ask(method, parameters);
        trial.accepted_count += trial.accepted;
        if (trial.accepted)
                keep(method, parameters);
        if (*trial.wrong)
                print_error("%s %s: %s\n", method->name, parameters, trial.wrong);
        return *trial.wrong != '\0';
}

static unsigned try_field(const struct idl_member *method, const struct idl_field *field, unsigned long tries)
{
        unsigned wrong = 0;
        trial.accepted_count = 0;
        trial.dice.state = SEED;
        for (unsigned long i = 0; i < tries && wrong < FAULTS_SHOWN; i++) {
                struct arena *outer = fake_arena;
                fake_arena = arena_new();
                wrong += try_one(method, field);
                arena_free(fake_arena);
                fake_arena = outer;
        }
        print_message("%s %s: %lu tried, %lu of them accepted\n", method->name, field->name, tries,
                      trial.accepted_count);
        return wrong;
}

/* What is right is taken, and its lines are those that there may be. */
static void learn(const struct idl_member *method, const struct idl_field *field)
{
        const char *value;
        trial.given = NULL;
        trial.learns = true;
        for (size_t n = 0; (value = good(method, field, n)); n++) {
                ask(method, request(method, field, value));
                if (*trial.wrong)
                        fail_msg("%s %s: %s", method->name, request(method, field, value), trial.wrong);
        }
        trial.learns = false;
}

/* --- the machine that all this is asked of --- */

static void furnish(void)
{
        snprintf(fake_machine.domain, sizeof(fake_machine.domain), "%s",
                 "Domain Controller: dc1.bulk.test\nPre-Win2k Domain: BULK\nServer time offset: 0\n");
        fake_machine_put_run("hostname", "nas\n");
        fake_done("CreateSmbShare",
                  "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"recycle_bin\":true,\"recycle_days\":7,"
                  "\"recycle_max\":7,\"time_machine\":true,\"time_machine_max\":7,\"audit\":true}");
        fake_done("CreateNfsExport",
                  "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"clients\":[\"10.0.0.7 ro\"]}");
        fake_done("CreateTransfer", "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"protocols\":[\"sftp\"]}");
}

static unsigned long tries_of(void)
{
        const char *said = getenv("HOSTILE_TRIES");
        return said ? strtoul(said, NULL, 10) : getenv("BULKHEAD_SLOWED") ? TRIES_SLOWED : TRIES;
}

/* All fields of what changes something, or those of one type; "caller" is not of the contract. */
static unsigned each(const struct idl_contract *contract, const char *type, bool learns, unsigned *ret_wrong)
{
        unsigned fields = 0;
        for (const struct idl_member *method = contract->members; method; method = method->next) {
                const bool changes = method->what == IDL_METHOD && method->said.notes[IDL_PLAN];
                for (const struct idl_field *field = changes ? method->type->fields : NULL; field;
                     field = field->next) {
                        if (strcmp(field->name, "caller") == 0 || (type && strcmp(type_of(field), type) != 0))
                                continue;
                        fields++;
                        if (learns)
                                learn(method, field);
                        else
                                *ret_wrong += try_field(method, field, tries_of());
                }
        }
        return fields;
}

static const struct idl_contract *contract_read(void)
{
        char message[256];
        const struct idl_contract *contract = idl_parse(fake_arena, "nas.shares", nas_shares_interface.description,
                                                        strlen(nas_shares_interface.description), message);
        assert_non_null(contract);
        return contract;
}

static void every_field_is_tried(void **state)
{
        (void)state;
        unsigned wrong = 0;
        const char *kept = getenv("HOSTILE_ACCEPTED");
        const struct idl_contract *contract = contract_read();
        furnish();
        trial.kept = kept ? fopen(kept, "we") : NULL;
        const unsigned known = each(contract, NULL, true, &wrong), fields = each(contract, NULL, false, &wrong);
        if (trial.kept)
                fclose(trial.kept);
        trial.kept = NULL;
        print_message("%u fields, %lu hostile values for each\n", fields, tries_of());
        assert_int_equal(known, fields);
        assert_true(fields >= FIELDS_AT_LEAST);
        assert_int_equal(wrong, 0);
        assert_int_equal(smb_count() + nfs_count() + transfers_count(), 3); /* nothing was changed */
}

/* Whoever manages a domain chooses the names in it, and a domain that is asked knows everybody here. */
static void people_of_a_domain_are_tried(void **state)
{
        (void)state;
        unsigned wrong = 0;
        const struct idl_contract *contract = contract_read();
        furnish();
        fake_machine_put_server("domain.conf", "include = /usr/share/bulkhead/smb-member.conf\nrealm = BULK.TEST\n"
                                               "workgroup = BULK\nnetbios name = NAS\n"
                                               "idmap config BULK : backend = rid\n"
                                               "idmap config BULK : range = 1900000000-2099999999\n"
                                               "valid users = NAS\\%U\n");
        snprintf(fake_machine.sid, sizeof(fake_machine.sid), "S-1-5-21-1-2-3-1104 SID_USER (1)\n");
        user = "BULK\\Carol of Bulk";
        (void)each(contract, "share_user", true, &wrong);
        const unsigned fields = each(contract, "share_user", false, &wrong);
        user = "root";
        print_message("%u fields, %lu hostile values for each\n", fields, tries_of());
        assert_true(fields > 0);
        assert_int_equal(wrong, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test_setup(every_field_is_tried, fake_machine_set_up),
                                           cmocka_unit_test_setup(people_of_a_domain_are_tried, fake_machine_set_up)};
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
