/* Steps, forward and back. A plan ends whole or undone: the journal decides after a crash.
 * Rights: hands only; what their operations list. The only place where a hand acts. */
#include "act/parts.h"

struct act_context work_begin(struct act_hand *act, struct arena *arena, const struct ticket *ticket, int output_fd,
                              struct journal_file *journal)
{
        ASSERT(act && arena);
        struct act_context work = {
                .act = act, .state = act->state, .arena = arena, .ticket = ticket, .journal = journal};
        work.output_fd = output_fd >= 0 ? output_fd : act->null_fd;
        work.answer = arena_alloc(arena, sizeof(*work.answer));
        *work.answer = writer_of(arena_alloc(arena, RECORD_ANSWER_MAX), RECORD_ANSWER_MAX);
        return work;
}

const char *act_text(const struct act_context *context, const char *param)
{
        ASSERT(context && param);
        const struct value *value = action_value(context->operation, context->action, param);
        return value ? value->text : "";
}

uint64_t act_number(const struct act_context *context, const char *param)
{
        return strtoull(act_text(context, param), NULL, 10); /* its value type has seen that it is one */
}

static act_function *find(const struct hand *hand, const char *name)
{
        const struct act_binding *binding = hand->bindings;
        while (binding->name && strcmp(binding->name, name) != 0)
                binding++;
        ASSERT(binding->name); /* else the policy names a function that this hand does not have */
        return binding->function;
}

static int deed(struct act_context *context, struct failure *failure)
{
        const struct operation *operation = context->operation;
        const struct hand *hand = context->act->hand;
        if (operation->act == ACT_CALL)
                return find(hand, operation->call)(context, failure);
        if (operation->act == ACT_FILE) {
                act_function *check = operation->check ? find(hand, operation->check) : NULL;
                int result = context->undoing ? file_restore(context, failure) : file_write(context, check, failure);
                result = result == 0 && operation->call ? find(hand, operation->call)(context, failure) : result;
                return result == ACT_SKIP ? 0 : result;
        }
        if (operation->act == ACT_UNIT)
                return hand->unit(context, failure);
        const char *const *args = action_args(operation, context->action, false, context->arena);
        const char *input = NULL;
        if (operation->input)
                input = template_fill(operation->input, operation, context->action, false, context->arena);
        return act_run(context, args, input, failure);
}

static int note(const struct act_context *work, enum journal_kind kind, uint16_t step, struct failure *failure)
{
        /* Written down, what is taken back to be done again would turn a plan round that is cut off here once more. */
        return work->journal && !work->again ? journal_append(work->journal, kind, step, 0, failure) : 0;
}

static int perform(const struct act_context *work, uint16_t step, const struct action *action, bool undoing,
                   struct failure *failure)
{
        const struct operations *operations = work->act->hand->operations;
        struct act_context context = *work;
        if (action_check(operations, action, failure) != 0)
                return -1;
        context.operation = &operations->list[action->operation];
        context.action = action;
        context.step = step;
        context.undoing = undoing;
        const char *guard = context.operation->guard;
        int ready = guard ? find(work->act->hand, guard)(&context, failure) : 0;
        if (ready < 0)
                return -1;
        if (ready != ACT_SKIP && (note(work, undoing ? JOURNAL_UNDO_BEGUN : JOURNAL_BEGUN, step, failure) != 0 ||
                                  deed(&context, failure) != 0))
                return -1;
        /* Also when it is so already: what did it may have been cut off before it was published. */
        if (work->journal && work->act->hand->publish && work->act->hand->publish(&context, failure) != 0)
                return -1;
        return note(work, undoing ? JOURNAL_UNDO_DONE : JOURNAL_DONE, step, failure);
}

int step_do(const struct act_context *work, uint16_t step, const struct action *action, struct failure *failure)
{
        ASSERT(work && action);
        return perform(work, step, action, false, failure);
}

static int step_undo(const struct act_context *work, uint16_t step)
{
        const struct action *action = &work->journal->journal.plan->steps[step];
        const struct operations *operations = work->act->hand->operations;
        struct action undo;
        if (action_undo(operations, action, work->arena, &undo))
                return perform(work, step, &undo, true, NULL);
        if (operations->list[action->operation].act == ACT_FILE)
                return perform(work, step, action, true, NULL);
        return note(work, JOURNAL_UNDO_DONE, step, NULL);
}

bool steps_back(const struct act_context *work)
{
        ASSERT(work && work->journal);
        struct journal *journal = &work->journal->journal;
        bool all = true;
        for (uint16_t i = journal->plan->count; i-- > 0;) {
                struct journal_step *step = &journal->steps[i];
                if (!step->begun || step->undone || step->undo_tries >= JOURNAL_UNDO_TRIES || step_undo(work, i) == 0)
                        continue;
                log_fail("plan %s: step %u could not be undone", work->journal->name, i + 1u);
                (void)note(work, JOURNAL_UNDO_BEGUN, i, NULL); /* counts also when its guard refused */
                all = false;
        }
        return all;
}

bool steps_end(const struct act_context *work, enum outcome outcome, uint16_t stopped)
{
        ASSERT(work && work->journal);
        if (journal_append(work->journal, JOURNAL_OUTCOME, stopped, (uint8_t)outcome, NULL) != 0)
                return false;
        journal_unkeep(work->journal);
        return true;
}

bool steps_forward(const struct act_context *work, uint16_t *ret_stopped)
{
        ASSERT(work && work->journal && ret_stopped);
        const struct journal *journal = &work->journal->journal;
        struct act_context first = *work;
        first.again = true;
        for (uint16_t i = 0; i < journal->plan->count; i++) {
                const struct action *action = &journal->plan->steps[i];
                if (journal->steps[i].done)
                        continue;
                *ret_stopped = (uint16_t)(i + 1);
                /* One that was cut off in the middle is taken back first: only then can its guard judge it. */
                if ((journal->steps[i].begun && step_undo(&first, i) != 0) || step_do(work, i, action, NULL) != 0)
                        return false;
        }
        return true;
}

int steps_resume(struct act_hand *act, struct journal_file *file, struct arena *arena)
{
        ASSERT(act && file && arena);
        struct act_context work = work_begin(act, arena, NULL, -1, file);
        int result = journal_load(file, arena);
        if (result == 0 && file->journal.outcome != OUTCOME_UNKNOWN)
                journal_unkeep(file);
        if (result != 0 || file->journal.outcome != OUTCOME_UNKNOWN)
                return result;
        uint16_t stopped = file->journal.stopped;
        bool done = journal_goes_forward(&file->journal) && steps_forward(&work, &stopped);
        if (!done && !steps_back(&work))
                return -EAGAIN;
        return steps_end(&work, done ? OUTCOME_SUCCESS : OUTCOME_FAILED, stopped) ? 0 : -EAGAIN;
}

static void resume_one(struct act_hand *act, const char *name)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct journal_file file = {.directory = act->journals, .fd = -1, .name = name};
        int result = steps_resume(act, &file, arena);
        if (result != 0)
                log_warn("plan %s could not be ended: %s", name, strerror(-result));
        fd_closep(&file.fd);
        act->journal_count++;
}

void act_resume(struct act_hand *act)
{
        ASSERT(act);
        CLEANUP(listing_closep) DIR *listing = file_list(act->journals);
        if (listing == NULL)
                log_fatal("journal: %s", strerror(errno));
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] == '.')
                        unlinkat(act->journals, entry->d_name, 0); /* never renamed into place */
                else if (strlen(entry->d_name) == JOURNAL_NAME_SIZE - 1)
                        resume_one(act, entry->d_name); /* the others are kept beside one */
}
