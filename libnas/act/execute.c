/* Records: who may ask for what, and the way of a plan through its steps.
 * Rights: hands only. Everything a clerk says is checked again here. */
#include "act/execute.h"

#include "act/resume.h"
#include "act/spend.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What one EXECUTE or ASK has proved about who is behind it. */
struct proofs {
        struct ticket ticket;
        struct warrant warrant;
        bool has_ticket, has_warrant;
};

static int open_directory(const char *path, struct failure *failure)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd >= 0 ? fd : failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", path, strerror(errno));
}

int act_open(struct act_hand *act, const struct hand *hand, void *state, uid_t clerk, struct failure *failure)
{
        ASSERT(act && hand);
        *act = (struct act_hand){.hand = hand, .state = state, .clerk = clerk};
        act->journals = open_directory(hand->journal_directory, failure);
        act->spent = act->journals >= 0 ? open_directory(hand->spent_directory, failure) : -1;
        act->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        act->trust = trust_open(hand->trust_directory ? hand->trust_directory : TRUST_DIRECTORY);
        if (act->journals < 0 || act->spent < 0)
                return -1;
        if (act->null_fd < 0 || !act->trust)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", TRUST_DIRECTORY, strerror(errno));
        return 0;
}

/* May this action be asked for by the bearer of that ticket? */
static int allowed(const struct operation *operation, const struct action *action, const struct ticket *ticket,
                   struct failure *failure)
{
        bool own = (operation->flags & OPERATION_OWN) && action->count > 0 && ticket->role >= ROLE_VIEWER &&
                   strcmp(action->values[0].text, ticket->name) == 0;
        return ticket_allows(ticket, own ? ROLE_VIEWER : operation->role, !(operation->flags & OPERATION_ANSWERS),
                             operation->flags & OPERATION_DESTROYS, failure);
}

static int check_plan(struct act_hand *act, const struct act_order *order, const struct plan *plan, struct proofs *proofs,
                      struct failure *failure)
{
        uint8_t digest[HASH_BYTES];
        if (plan->operations != act->hand->operations || plan->count == 0 || plan_proof(plan) == PROOF_CONSOLE)
                return failure_set(failure, FAILURE_INVALID, "plan", "", "is not for this hand");
        plan_digest(order->request.plan, order->request.plan_length, digest);
        if (ticket_check(act->trust, order->request.ticket, &proofs->ticket, failure) != 0)
                return -1;
        bool destroyed = false;
        for (size_t i = 0; i < plan->count; i++) {
                const struct operation *operation = &plan->operations->list[plan->steps[i].operation];
                if (allowed(operation, &plan->steps[i], &proofs->ticket, failure) != 0)
                        return -1;
                struct param param;
                for (size_t p = 0; destroyed && operation_param(operation, p, &param); p++)
                        if (param.type->secret) /* it could not be finished after a crash: journals hold no secrets */
                                return failure_set(failure, FAILURE_INVALID, "plan", "",
                                                   "has a secret after a step that destroys");
                destroyed |= operation->flags & OPERATION_DESTROYS;
        }
        if (plan_proof(plan) < PROOF_WARRANT)
                return 0;
        proofs->has_warrant = true;
        return warrant_check(act->trust, order->request.warrant, &proofs->ticket, digest, &proofs->warrant, failure);
}

/* The person may have been signed out, the clerk may want it stopped: looked at before each step. */
static enum outcome look_around(struct act_work *work, const struct act_order *order, uint16_t step, bool destroyed,
                                struct failure *failure)
{
        bool stop = order->between && order->between(order->context, step + 1u, work->journal->plan->count);
        struct ticket ticket;
        if (!work->act->hand->revokes && ticket_check(work->act->trust, order->request.ticket, &ticket, failure) != 0)
                return OUTCOME_FAILED;
        if (!stop || destroyed)
                return OUTCOME_SUCCESS;
        failure_set(failure, FAILURE_ABORTED, "", "", "Stopped on request; what had been done was undone.");
        return OUTCOME_ABORTED;
}

static enum outcome forward(struct act_work *work, const struct act_order *order, const struct plan *plan,
                            struct reply *reply)
{
        bool destroyed = false;
        for (uint16_t i = 0; i < plan->count; i++) {
                const struct action *action = &plan->steps[i];
                reply->step = (uint16_t)(i + 1);
                enum outcome outcome = look_around(work, order, i, destroyed, &reply->failure);
                if (outcome != OUTCOME_SUCCESS)
                        return outcome;
                if (step_do(work, i, action, &reply->failure) != 0)
                        return OUTCOME_FAILED;
                destroyed |= plan->operations->list[action->operation].flags & OPERATION_DESTROYS;
        }
        return OUTCOME_SUCCESS;
}

static void run_plan(struct act_work *work, const struct act_order *order, const struct plan *plan, struct reply *reply)
{
        uint8_t *answer = arena_alloc(order->arena, RECORD_ANSWER_MAX);
        work->answer = writer_of(answer, RECORD_ANSWER_MAX);
        enum outcome outcome = forward(work, order, plan, reply);
        bool ended = outcome == OUTCOME_SUCCESS || plan_back(work, NULL);
        struct failure failure = {0};
        if (!ended)
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "It is tried again.",
                            "A step could not be undone yet, after: %.200s", reply->failure.message);
        if (ended && plan_end(work, outcome, reply->step, &failure) == 0) {
                reply->outcome = outcome;
                reply->answer = answer;
                reply->answer_length = outcome == OUTCOME_SUCCESS ? writer_length(&work->answer) : 0;
                return;
        }
        reply->outcome = OUTCOME_UNKNOWN;
        reply->failure = failure;
}

static void execute(struct act_hand *act, const struct act_order *order, struct reply *reply)
{
        struct failure *failure = &reply->failure;
        struct proofs proofs = {0};
        struct journal journal = {.fd = -1};
        struct plan *plan = plan_decode(order->arena, order->request.plan, order->request.plan_length, failure);
        reply->outcome = OUTCOME_REFUSED;
        if (!plan || check_plan(act, order, plan, &proofs, failure) != 0)
                return;
        reply->steps = plan->count;
        if (act->journal_count >= ACT_JOURNALS_MAX) {
                failure_set(failure, FAILURE_BUSY, "", "Is the database away?", "Too many plans wait for the ledger.");
                return;
        }
        char name[JOURNAL_NAME_SIZE];
        journal_name(order->request.id, name);
        if (faccessat(act->journals, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
                failure_set(failure, FAILURE_CONFLICT, "", "", "This plan was begun before.");
                return;
        }
        if (proofs.has_warrant && spend_warrant(act->spent, &proofs.warrant, failure) != 0)
                return;
        uint8_t digest[HASH_BYTES];
        plan_digest(order->request.plan, order->request.plan_length, digest);
        int result = journal_create(act->journals, order->request.id, plan, proofs.ticket.subject, digest,
                                    order->arena, &journal);
        if (result != 0) {
                failure_set(failure, FAILURE_UNAVAILABLE, "", "Is the disk full?", "journal: %s", strerror(-result));
                return;
        }
        act->journal_count++;
        struct act_work work = {.act = act,
                                .arena = order->arena,
                                .ticket = &proofs.ticket,
                                .peer = &order->peer,
                                .output_fd = order->output_fd >= 0 ? order->output_fd : act->null_fd,
                                .journal = &journal};
        run_plan(&work, order, plan, reply);
        journal_close(&journal);
}

static int check_ask(struct act_hand *act, const struct act_order *order, const struct action *action,
                     struct proofs *proofs, struct failure *failure)
{
        const struct operations *operations = act->hand->operations;
        if (action_check(operations, action, failure) != 0)
                return -1;
        const struct operation *operation = &operations->list[action->operation];
        bool console = operation->proof == PROOF_CONSOLE;
        if (!(operation->flags & OPERATION_ANSWERS) || operation->proof == PROOF_WARRANT ||
            order->peer.uid != (console ? 0 : act->clerk))
                return failure_set(failure, FAILURE_DENIED, "", "", "This is not for you to ask.");
        if (operation->proof != PROOF_TICKET)
                return 0;
        proofs->has_ticket = true;
        if (ticket_check(act->trust, order->request.ticket, &proofs->ticket, failure) != 0)
                return -1;
        return allowed(operation, action, &proofs->ticket, failure);
}

static bool ask(struct act_hand *act, const struct act_order *order, struct reply *reply)
{
        struct action action;
        struct proofs proofs = {0};
        if (action_decode(order->arena, order->request.plan, order->request.plan_length, &action) != 0)
                return false;
        reply->outcome = OUTCOME_REFUSED;
        if (check_ask(act, order, &action, &proofs, &reply->failure) != 0)
                return true;
        uint8_t *answer = arena_alloc(order->arena, RECORD_ANSWER_MAX);
        struct act_work work = {.act = act,
                                .arena = order->arena,
                                .ticket = proofs.has_ticket ? &proofs.ticket : NULL,
                                .peer = &order->peer,
                                .output_fd = act->null_fd,
                                .answer = writer_of(answer, RECORD_ANSWER_MAX)};
        if (step_do(&work, 0, &action, &reply->failure) != 0)
                return true;
        reply->outcome = OUTCOME_SUCCESS;
        reply->answer = answer;
        reply->answer_length = writer_length(&work.answer);
        return true;
}

static void lookup(struct act_hand *act, const struct act_order *order, struct reply *reply)
{
        char name[JOURNAL_NAME_SIZE];
        struct journal journal = {.fd = -1};
        journal_name(order->request.id, name);
        int result = plan_resume(act, name, &journal, order->arena);
        if (result == -ENOENT)
                failure_set(&reply->failure, FAILURE_NOT_FOUND, "", "", "This plan was never begun.");
        else if (result != 0)
                failure_set(&reply->failure, FAILURE_UNAVAILABLE, "", "", "It has not ended yet: %s", strerror(-result));
        if (result != 0)
                return;
        reply->outcome = journal.outcome;
        reply->steps = journal.plan->count;
        reply->step = journal.stopped;
        if (journal.outcome != OUTCOME_SUCCESS)
                failure_set(&reply->failure, journal.outcome == OUTCOME_ABORTED ? FAILURE_ABORTED : FAILURE_FAILED, "",
                            "", "It stopped at step %u of %u; what had been done was undone.", journal.stopped,
                            journal.plan->count);
        journal_close(&journal);
}

static void forget(struct act_hand *act, const struct act_order *order, struct reply *reply)
{
        lookup(act, order, reply);
        bool gone = reply->failure.code == FAILURE_NOT_FOUND;
        if (reply->outcome == OUTCOME_UNKNOWN && !gone)
                return;
        char name[JOURNAL_NAME_SIZE];
        journal_name(order->request.id, name);
        *reply = (struct reply){.kind = REPLY_DONE, .outcome = OUTCOME_SUCCESS};
        int result = gone ? 0 : journal_remove(act->journals, name);
        if (result != 0) {
                reply->outcome = OUTCOME_FAILED;
                failure_set(&reply->failure, FAILURE_UNAVAILABLE, "", "", "journal: %s", strerror(-result));
        } else if (!gone) {
                act->journal_count--;
        }
}

bool act_serve(struct act_hand *act, const struct act_order *order, struct reply *ret_reply)
{
        ASSERT(act && order && ret_reply);
        *ret_reply = (struct reply){.kind = REPLY_DONE};
        if (order->request.kind == RECORD_ASK)
                return ask(act, order, ret_reply);
        if (order->peer.uid != act->clerk || order->request.kind == RECORD_ABORT)
                return false;
        if (order->request.kind == RECORD_EXECUTE)
                execute(act, order, ret_reply);
        else if (order->request.kind == RECORD_LOOKUP)
                lookup(act, order, ret_reply);
        else
                forget(act, order, ret_reply);
        return true;
}
