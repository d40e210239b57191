/* Records: who may ask for what, and the way of a plan through its steps.
 * Rights: hands only. Everything a clerk says is checked again here. */
#include "act/parts.h"

#include <sys/stat.h>

int act_open(struct act_hand *act, const struct hand *hand, void *state, uid_t clerk, struct failure *failure)
{
        ASSERT(act && hand);
        const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        *act = (struct act_hand){.hand = hand, .state = state, .clerk = clerk};
        (void)mkdir(hand->journal_directory, 0700);
        (void)mkdir(hand->spent_directory, 0700);
        act->journals = open(hand->journal_directory, flags);
        act->spent = open(hand->spent_directory, flags);
        act->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        act->trust = trust_open(TRUST_DIRECTORY);
        bool all = act->journals >= 0 && act->spent >= 0 && act->null_fd >= 0 && act->trust;
        return failure_system(failure, FAILURE_FAILED, "directories", all ? 0 : -errno);
}

/* All that must hold before anything is done. A warrant counts as spent even when what follows cannot be begun. */
static int check_plan(struct act_hand *act, const struct act_order *order, const struct plan *plan,
                      struct ticket *ret_ticket, uint8_t ret_digest[HASH_BYTES], struct failure *failure)
{
        struct warrant warrant;
        if (plan->operations != act->hand->operations || plan->count == 0 || plan_proof(plan) == PROOF_CONSOLE ||
            plan_has_table(plan) || plan_hides_after_destroying(plan))
                return failure_set(failure, FAILURE_INVALID, "plan", "", "is not one that this hand carries out");
        if (act->journal_count >= ACT_JOURNALS_MAX)
                return failure_set(failure, FAILURE_BUSY, "", "", "Too many plans wait for the ledger.");
        if (ticket_check(act->trust, order->request.ticket, ret_ticket, failure) != 0)
                return -1;
        for (size_t i = 0; i < plan->count; i++)
                if (action_allowed(plan->operations, &plan->steps[i], ret_ticket, failure) != 0)
                        return -1;
        plan_digest(order->request.plan, order->request.plan_length, ret_digest);
        if (plan_proof(plan) == PROOF_WARRANT &&
            (warrant_check(act->trust, order->request.warrant, ret_ticket, ret_digest, &warrant, failure) != 0 ||
             spend_warrant(act->spent, &warrant, failure) != 0))
                return -1;
        return 0;
}

/* Before each step: the person may have been signed out, the clerk may want it stopped. A hand that revokes by its own
 * steps must not stop for those: there only what changed just now, between two steps, counts. */
static enum outcome look_around(const struct act_context *work, const struct act_order *order, uint16_t step,
                                bool destroyed, struct failure *failure)
{
        bool own = work->act->hand->revokes && ticket_revoked(work->act->trust, work->ticket);
        bool stop = order->between(order->context, step + 1u, work->journal->journal.plan->count);
        bool revoked = !own && ticket_revoked(work->act->trust, work->ticket);
        if (!revoked && (!stop || destroyed))
                return OUTCOME_SUCCESS;
        failure_set(failure, FAILURE_ABORTED, "", "", "%s; what had been done was undone.",
                    revoked ? "Stopped because who asked was signed out" : "Stopped on request");
        return OUTCOME_ABORTED;
}

static enum outcome forward(const struct act_context *work, const struct act_order *order, const struct plan *plan,
                            struct reply *reply)
{
        bool destroyed = false;
        for (uint16_t i = 0; i < plan->count; i++) {
                reply->step = (uint16_t)(i + 1);
                enum outcome outcome = look_around(work, order, i, destroyed, &reply->failure);
                if (outcome != OUTCOME_SUCCESS)
                        return outcome;
                if (step_do(work, i, &plan->steps[i], &reply->failure) != 0)
                        return OUTCOME_FAILED;
                destroyed |= plan->operations->list[plan->steps[i].operation].flags & OPERATION_ONWARD;
        }
        return OUTCOME_SUCCESS;
}

static bool run_plan(const struct act_context *work, const struct act_order *order, const struct plan *plan,
                     struct reply *reply)
{
        reply->outcome = forward(work, order, plan, reply);
        /* What destroys and was cut off (its tool was shot) is finished as after a crash. */
        if (reply->outcome == OUTCOME_FAILED && journal_goes_forward(&work->journal->journal) &&
            steps_forward(work, &reply->step))
                reply->outcome = OUTCOME_SUCCESS;
        if (reply->outcome == OUTCOME_SUCCESS) {
                reply->failure = (struct failure){0}; /* a guard may have said why a step was skipped */
                reply->answer = work->answer->start;
                reply->answer_length = writer_length(work->answer);
        } else if (!steps_back(work)) {
                return false;
        }
        return steps_end(work, reply->outcome, reply->step);
}

static bool execute(struct act_hand *act, const struct act_order *order, struct journal_file *file, struct reply *reply)
{
        struct failure *failure = &reply->failure;
        struct ticket ticket;
        uint8_t digest[HASH_BYTES];
        struct plan *plan = plan_decode(order->arena, order->request.plan, order->request.plan_length, failure);
        reply->outcome = OUTCOME_REFUSED;
        if (!plan || check_plan(act, order, plan, &ticket, digest, failure) != 0)
                return true;
        reply->steps = plan->count;
        if (!journal_create(file, plan, &ticket, digest, order->arena))
                return failure_set(failure, FAILURE_CONFLICT, "", "", "This plan was begun before.") != 0;
        struct act_context work = work_begin(act, order->arena, &ticket, order->output_fd, file);
        work.between = act->running++ > 0;
        bool ended = run_plan(&work, order, plan, reply);
        act->running--;
        act->journal_count += file->head == NULL;
        return ended || file->head; /* not one record could be written: nothing was done, and no journal is there */
}

static int check_ask(struct act_hand *act, const struct act_order *order, const struct action *action,
                     struct ticket *ret_ticket, struct failure *failure)
{
        if (action_check(act->hand->operations, action, failure) != 0)
                return -1;
        const struct operation *operation = &act->hand->operations->list[action->operation];
        if (!(operation->flags & OPERATION_ANSWERS) || operation->proof == PROOF_WARRANT ||
            order->peer.uid != (operation->proof == PROOF_CONSOLE ? 0 : act->clerk))
                return failure_set(failure, FAILURE_DENIED, "", "", "This is not for you to ask.");
        if (operation->proof == PROOF_TICKET &&
            (ticket_check(act->trust, order->request.ticket, ret_ticket, failure) != 0 ||
             action_allowed(act->hand->operations, action, ret_ticket, failure) != 0))
                return -1;
        return 0;
}

static bool ask(struct act_hand *act, const struct act_order *order, struct reply *reply)
{
        struct action action;
        struct ticket ticket = {.role = ROLE_NOBODY};
        struct act_context work = work_begin(act, order->arena, &ticket, order->output_fd, NULL);
        if (action_decode(order->arena, order->request.plan, order->request.plan_length, &action) != 0)
                return false;
        reply->outcome = OUTCOME_REFUSED;
        if (check_ask(act, order, &action, &ticket, &reply->failure) != 0 ||
            step_do(&work, 0, &action, &reply->failure) != 0)
                return true;
        reply->outcome = OUTCOME_SUCCESS;
        reply->answer = work.answer->start;
        reply->answer_length = writer_length(work.answer);
        return true;
}

/* LOOKUP, and FORGET of what has ended. */
static void look_up(struct act_hand *act, const struct act_order *order, struct journal_file *file, struct reply *reply)
{
        int result = steps_resume(act, file, order->arena);
        const struct journal *journal = &file->journal;
        bool forget = order->request.kind == RECORD_FORGET;
        if (result == -ENOENT) {
                reply->outcome = forget ? OUTCOME_SUCCESS : OUTCOME_UNKNOWN;
                failure_set(forget ? NULL : &reply->failure, FAILURE_NOT_FOUND, "", "", "This plan was never begun.");
                return;
        }
        /* Should this be lost with the power, the clerk says it once more. */
        if (result == 0 && forget && (result = unlinkat(file->directory, file->name, 0) == 0 ? 0 : -errno) == 0)
                act->journal_count--;
        reply->outcome = result != 0 ? OUTCOME_REFUSED : forget ? OUTCOME_SUCCESS : journal->outcome;
        if (failure_system(&reply->failure, FAILURE_UNAVAILABLE, "The plan has not ended yet", result) != 0 ||
            reply->outcome == OUTCOME_SUCCESS)
                return;
        reply->steps = journal->plan->count;
        reply->step = journal->stopped;
        failure_set(&reply->failure, reply->outcome == OUTCOME_ABORTED ? FAILURE_ABORTED : FAILURE_FAILED, "",
                    "bulkhead doctor says what is wrong with this machine.",
                    "It stopped at step %u of %u; what had been done was undone.", reply->step, reply->steps);
}

bool act_serve(struct act_hand *act, const struct act_order *order, struct reply *ret_reply)
{
        ASSERT(act && order && ret_reply);
        char name[JOURNAL_NAME_SIZE];
        struct journal_file file = {.directory = act->journals, .fd = -1, .name = name};
        bool answered = true;
        *ret_reply = (struct reply){.kind = REPLY_DONE};
        if (order->request.kind == RECORD_ASK)
                return ask(act, order, ret_reply);
        if (order->peer.uid != act->clerk || order->request.kind == RECORD_ABORT)
                return false;
        text_hex(order->request.id, PLAN_ID_BYTES, name);
        if (order->request.kind == RECORD_EXECUTE)
                answered = execute(act, order, &file, ret_reply);
        else
                look_up(act, order, &file, ret_reply);
        fd_closep(&file.fd);
        return answered;
}
