/* A change from the question to the answer. The plan that a person consents to is decoded and rendered here; the digest
 * that is confirmed is the one of exactly those bytes, whatever the clerk says it is.
 * Rights: the command line, as whoever runs it; asks at the terminal, talks to clerks. */
#include "cli/change.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/show.h"
#include "cli/terminal.h"
#include "plan/plan.h"

#include <string.h>

struct proposal {                        /* what the clerk wants to do */
        const char *encoded;             /* as text, for Confirm */
        const struct plan *plan;         /* NULL: nothing at all to do */
        char digest[2 * HASH_BYTES + 1]; /* of the bytes, made here */
        bool needs_warrant;
};

const char *clerk_of(const struct asked *asked)
{
        ASSERT(asked != NULL);
        const char *name = asked->command->contract->name;

        if (asked->clerk != NULL)
                return asked->clerk;
        if (strcmp(name, "nas.job") == 0) /* every clerk serves it */
                return "users";
        if (strncmp(name, IDL_MODULE, strlen(IDL_MODULE)) == 0) /* one clerk speaks for all modules */
                return "modules";
        return strchr(name, '.') + 1;
}

static struct order order_of(const struct asker *asker, const struct asked *asked)
{
        const struct command *command = asked->command;
        struct order order = {.clerk = clerk_of(asked), .asked = asked};

        order.method = arena_printf(asker->arena, "%s.%s", command->contract->name, command->method->name);
        return order;
}

static int distrust(struct failure *failure, const char *why)
{
        return failure_set(failure, FAILURE_FAILED, "",
                           "Nothing was confirmed and nothing was changed by this command.",
                           "the daemon's plan is not to be trusted: %s", why);
}

/* Takes the plan out of an answer and reads it. */
static int read_proposal(const struct asker *asker, const struct asked *asked, const struct json *answer,
                         struct proposal *ret, struct failure *failure)
{
        const struct json *plan = json_member(answer, "plan");
        const struct json *encoded = json_member(plan, "plan"), *digest = json_member(plan, "digest");
        const struct json *warrant = json_member(plan, "warrant");
        const struct idl_note *always = asked->command->method->said.notes[IDL_WARRANT];
        uint8_t hash[HASH_BYTES];
        size_t length;

        if (json_type_of(encoded) != JSON_TEXT || json_type_of(digest) != JSON_TEXT)
                return distrust(failure, "it is not there");
        const char *text = json_text(encoded, &length);
        uint8_t *bytes = arena_alloc(asker->arena, length + 1);
        long decoded = text_unbase64(text, length, bytes, length + 1);
        if (decoded < 0)
                return distrust(failure, "it cannot be read");
        ret->encoded = arena_text(asker->arena, text, length);
        plan_digest(bytes, (size_t)decoded, hash);
        text_hex(hash, sizeof(hash), ret->digest);
        if (strcmp(ret->digest, json_text(digest, NULL)) != 0)
                return distrust(failure, "its digest is another");
        ret->needs_warrant = (json_type_of(warrant) == JSON_BOOLEAN && json_boolean(warrant)) ||
                             (always != NULL && always->count == 0);
        if (json_length(json_member(plan, "steps")) == 0)
                return 0;
        ret->plan = plan_decode(asker->arena, bytes, (size_t)decoded, failure);
        if (ret->plan == NULL)
                return distrust(failure, "its steps are none that this machine's hands know");
        ret->needs_warrant |= plan_proof(ret->plan) >= PROOF_WARRANT;
        /* Where nobody has to be signed in, something else in the parameters proves the right: the set-up code. */
        ret->needs_warrant &= asked->command->method->said.notes[IDL_ROLE]->role != ROLE_NOBODY;
        return 0;
}

enum consent consent_kind(const struct asked *asked, bool needs, bool destroys, bool person)
{
        ASSERT(asked != NULL);
        if (asked->confirm != NULL || (asked->yes && !needs))
                return CONSENT_GIVEN;
        if (!person)
                return CONSENT_MISSING;
        return destroys ? CONSENT_TYPE : CONSENT_ASK;
}

static int missing(const struct asker *asker, const struct proposal *proposal, struct failure *failure)
{
        const char *how = proposal->needs_warrant
                                  ? arena_printf(asker->arena, "Look at it with --dry-run, then say --confirm %s",
                                                 proposal->digest)
                                  : "Say --yes.";
        (void)failure_set(failure, FAILURE_CONFIRMATION, "", how,
                          "somebody must confirm this, and there is no terminal to ask at");
        return -1;
}

/* Nothing at all to do needs nobody's consent. */
static int consent(const struct asker *asker, const struct asked *asked, const struct proposal *proposal,
                   struct failure *failure)
{
        bool destroys = plan_destroys(proposal->plan) || asked->command->method->said.notes[IDL_DESTROYS] != NULL;
        enum consent kind = consent_kind(asked, proposal->needs_warrant, destroys, terminal_asks());
        const char *expected = "y", *question = "Do it? [y/N] ", *typed;

        if (asked->confirm != NULL && strcmp(asked->confirm, proposal->digest) != 0)
                return failure_set(failure, FAILURE_CONFIRMATION, "", "Look at it again with --dry-run.",
                                   "the plan is another one now; its digest is %s", proposal->digest);
        if (kind == CONSENT_GIVEN)
                return 0;
        if (kind == CONSENT_MISSING)
                return missing(asker, proposal, failure);
        show_plan(stderr, asker->arena, proposal->plan, proposal->digest, terminal_colours());
        if (kind == CONSENT_TYPE) {
                expected = *asked_object(asked) != '\0' ? asked_object(asked) : "yes";
                question = arena_printf(asker->arena, "Type \"%s\" to do it: ", expected);
        }
        typed = line_ask(asker->arena, question);
        if (typed != NULL && (strcmp(typed, expected) == 0 || (kind == CONSENT_ASK && strcmp(typed, "yes") == 0)))
                return 0;
        return failure_set(failure, FAILURE_CONFIRMATION, "", "", "not confirmed; nothing was changed");
}

static int show_dry_run(const struct asker *asker, const struct asked *asked, const struct proposal *proposal,
                        struct json **answer)
{
        size_t length;

        if (asked->json) {
                struct json_out *out CLEANUP(json_out_freep) = json_out_new();
                json_out_value(out, *answer);
                const char *text = json_out_bytes(out, &length);
                printf("%.*s\n", (int)length, text);
        } else if (proposal->plan == NULL) {
                printf("Nothing to do.\n");
        } else {
                show_plan(stdout, asker->arena, proposal->plan, proposal->digest, terminal_colours());
                if (proposal->needs_warrant)
                        printf("It needs a person's confirmation.\n");
        }
        json_free(TAKE(*answer));
        return 0;
}

/* Asks for the plan alone. */
static int propose(const struct asker *asker, const struct asked *asked, struct proposal *ret, struct json **ret_answer,
                   struct failure *failure)
{
        struct order order = order_of(asker, asked);

        order.dry_run = true;
        if (order_send(asker, &order, ret_answer, failure) < 0)
                return -1;
        return read_proposal(asker, asked, *ret_answer, ret, failure);
}

static int run(const struct asker *asker, const struct asked *asked, const char *warrant, struct json **ret_answer,
               struct failure *failure)
{
        struct order order = order_of(asker, asked);

        order.more = true;
        order.warrant = warrant;
        return order_send(asker, &order, ret_answer, failure);
}

int change_make(const struct asker *asker, const struct asked *asked, struct json **ret_answer, struct failure *failure)
{
        ASSERT(asker != NULL && asked != NULL && ret_answer != NULL && failure != NULL);
        struct json *answer CLEANUP(json_freep) = NULL;
        const struct idl_note *always = asked->command->method->said.notes[IDL_WARRANT];
        bool straight =
                asked->yes && !asked->dry_run && asked->confirm == NULL && !(always != NULL && always->count == 0);
        struct proposal proposal = {.encoded = ""};
        const char *warrant = NULL;

        if (straight) { /* and if it needs a warrant, the plan comes with the refusal */
                int result = run(asker, asked, NULL, &answer, failure);
                if (result == 0 || failure->code != FAILURE_CONFIRMATION) {
                        *ret_answer = TAKE(answer);
                        return result;
                }
                if (read_proposal(asker, asked, answer, &proposal, failure) < 0)
                        return -1;
                proposal.needs_warrant = true;
        } else if (propose(asker, asked, &proposal, &answer, failure) < 0) {
                return -1;
        }
        if (asked->dry_run) {
                *ret_answer = NULL;
                return show_dry_run(asker, asked, &proposal, &answer);
        }
        if (proposal.plan != NULL && consent(asker, asked, &proposal, failure) < 0)
                return -1;
        if (proposal.plan != NULL && proposal.needs_warrant &&
            asker_warrant(asker, proposal.digest, proposal.encoded, &warrant, failure) < 0)
                return -1;
        return run(asker, asked, warrant, ret_answer, failure);
}
