/* Steps: the only place where a hand acts.
 * Rights: hands only; what their operations list. */
#include "act/step.h"

#include "act/file.h"
#include "act/run.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

int act_keep(struct act_context *context, const void *bytes, size_t length, struct failure *failure)
{
        ASSERT(context && (bytes || length == 0));
        int result = context->undoing || !context->journal
                             ? 0
                             : journal_keep(context->journal, context->step, bytes, length);
        return result == 0 ? 0 : failure_set(failure, FAILURE_FAILED, "", "", "journal: %s", strerror(-result));
}

int act_kept(struct act_context *context, uint8_t **ret_bytes, size_t *ret_length)
{
        ASSERT(context && ret_bytes && ret_length);
        return context->journal ? journal_kept(context->journal, context->step, ret_bytes, ret_length) : -ENOENT;
}

static act_function *find(const struct hand *hand, const char *name)
{
        for (const struct act_binding *binding = hand->bindings; binding->name; binding++)
                if (strcmp(binding->name, name) == 0)
                        return binding->function;
        ASSERT(!"the policy names a function that this hand does not have");
        return NULL;
}

static int run(const struct act_context *context, struct failure *failure)
{
        const struct operation *operation = context->operation;
        struct run tool = {.args = action_args(operation, context->action, false, context->arena),
                           .output_fd = context->output_fd};
        if (operation->input)
                tool.input = template_fill(operation->input, operation, context->action, false, context->arena);
        return run_tool(&tool, failure);
}

static int deed(struct act_context *context, const struct hand *hand, struct failure *failure)
{
        switch (context->operation->act) {
        case ACT_RUN:
                return run(context, failure);
        case ACT_FILE:
                return act_file_write(context, hand->file_directories, failure);
        case ACT_CALL:
                return find(hand, context->operation->call)(context, failure);
        case ACT_UNIT:
                break;
        }
        return failure_set(failure, FAILURE_FAILED, "", "", "This hand starts no units.");
}

static int note(struct act_work *work, enum journal_kind kind, uint16_t step, struct failure *failure)
{
        int result = work->journal ? journal_add(work->journal, kind, step, 0) : 0;
        return result == 0 ? 0 : failure_set(failure, FAILURE_FAILED, "", "Is the disk full?", "journal: %s",
                                             strerror(-result));
}

static struct act_context context_of(struct act_work *work, uint16_t step, const struct action *action, bool undoing)
{
        return (struct act_context){.arena = work->arena,
                                    .operations = work->act->hand->operations,
                                    .operation = &work->act->hand->operations->list[action->operation],
                                    .action = action,
                                    .ticket = work->ticket,
                                    .peer = work->peer,
                                    .output_fd = work->output_fd,
                                    .undoing = undoing,
                                    .answer = &work->answer,
                                    .state = work->act->state,
                                    .journal = work->journal,
                                    .step = step};
}

static int perform(struct act_work *work, uint16_t step, const struct action *action, bool undoing,
                   struct failure *failure)
{
        const struct hand *hand = work->act->hand;
        if (action_check(hand->operations, action, failure) != 0)
                return -1;
        struct act_context context = context_of(work, step, action, undoing);
        int ready = context.operation->guard ? find(hand, context.operation->guard)(&context, failure) : 0;
        if (ready == ACT_SKIP)
                return note(work, undoing ? JOURNAL_UNDO_DONE : JOURNAL_DONE, step, failure);
        if (ready != 0 || note(work, undoing ? JOURNAL_UNDO_BEGUN : JOURNAL_BEGUN, step, failure) != 0 ||
            deed(&context, hand, failure) != 0)
                return -1;
        return note(work, undoing ? JOURNAL_UNDO_DONE : JOURNAL_DONE, step, failure);
}

int step_do(struct act_work *work, uint16_t step, const struct action *action, struct failure *failure)
{
        ASSERT(work && action);
        return perform(work, step, action, false, failure);
}

int step_undo(struct act_work *work, uint16_t step, const struct action *action, struct failure *failure)
{
        ASSERT(work && action && work->journal);
        struct action undo;
        if (action_undo(work->act->hand->operations, action, work->arena, &undo))
                return perform(work, step, &undo, true, failure);
        struct act_context context = context_of(work, step, action, true);
        if (note(work, JOURNAL_UNDO_BEGUN, step, failure) != 0 ||
            (context.operation->act == ACT_FILE &&
             act_file_restore(&context, work->act->hand->file_directories, failure) != 0))
                return -1;
        return note(work, JOURNAL_UNDO_DONE, step, failure);
}
