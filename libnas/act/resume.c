/* After a crash, a failure or an abort: the journal decides. Once a step that cannot be brought back has begun, a
 * crash is finished forward; in all other cases what was begun is undone.
 * Rights: hands only; what their operations list. */
#include "act/resume.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool plan_back(struct act_work *work, struct failure *failure)
{
        ASSERT(work && work->journal);
        struct journal *journal = work->journal;
        bool all = true;
        for (uint16_t i = journal->plan->count; i-- > 0;) {
                struct journal_step *step = &journal->steps[i];
                if (!step->begun || step->undone || step->undo_tries >= JOURNAL_UNDO_TRIES)
                        continue;
                if (step_undo(work, i, &journal->plan->steps[i], failure) == 0)
                        continue;
                log_fail("plan %s: step %u could not be undone", journal->name, i + 1u);
                if (step->undo_tries < JOURNAL_UNDO_TRIES)
                        step->undo_tries++; /* counts also when its guard refused or the journal is full */
                all = false;
        }
        return all;
}

int plan_end(struct act_work *work, enum outcome outcome, uint16_t stopped, struct failure *failure)
{
        ASSERT(work && work->journal);
        int result = journal_add(work->journal, JOURNAL_OUTCOME, stopped, (uint8_t)outcome);
        if (result != 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "Is the disk full?", "journal: %s",
                                   strerror(-result));
        journal_unkeep(work->journal);
        return 0;
}

static bool goes_forward(const struct journal *journal)
{
        bool destroyed = false, all_done = true;
        for (size_t i = 0; i < journal->plan->count; i++) {
                const struct operation *operation =
                        &journal->plan->operations->list[journal->plan->steps[i].operation];
                if (journal->steps[i].undone || journal->steps[i].undo_tries > 0)
                        return false; /* it was on its way back already */
                destroyed |= journal->steps[i].begun && (operation->flags & OPERATION_DESTROYS);
                all_done &= journal->steps[i].done;
        }
        return destroyed || all_done;
}

static bool forward(struct act_work *work, uint16_t *ret_step)
{
        struct journal *journal = work->journal;
        struct failure failure = {0};
        for (uint16_t i = 0; i < journal->plan->count; i++) {
                const struct action *action = &journal->plan->steps[i];
                struct action undo;
                if (journal->steps[i].done)
                        continue;
                *ret_step = i;
                /* One that was cut off in the middle is taken back first: only then can its guard judge it. */
                if (journal->steps[i].begun && action_undo(journal->plan->operations, action, work->arena, &undo) &&
                    step_undo(work, i, action, &failure) != 0)
                        return false;
                if (step_do(work, i, action, &failure) != 0)
                        return false;
        }
        *ret_step = journal->plan->count;
        return true;
}

int plan_resume(struct act_hand *act, const char *name, struct journal *ret_journal, struct arena *arena)
{
        ASSERT(act && name && ret_journal && arena);
        int result = journal_load(act->journals, name, arena, ret_journal);
        if (result != 0)
                return result;
        if (ret_journal->outcome != OUTCOME_UNKNOWN) {
                journal_unkeep(ret_journal);
                return 0;
        }
        uint16_t step = 0;
        struct act_work work = {.act = act, .arena = arena, .output_fd = act->null_fd, .journal = ret_journal};
        uint8_t answer[RECORD_ANSWER_MAX];
        work.answer = writer_of(answer, sizeof(answer));
        enum outcome outcome = OUTCOME_FAILED;
        if (goes_forward(ret_journal) && forward(&work, &step))
                outcome = OUTCOME_SUCCESS;
        else if (!plan_back(&work, NULL))
                result = -EAGAIN;
        crypto_wipe(answer, sizeof(answer));
        return result == 0 && plan_end(&work, outcome, step, NULL) == 0 ? 0 : -EAGAIN;
}

void act_resume(struct act_hand *act)
{
        ASSERT(act);
        int fd = openat(act->journals, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        if (!listing)
                log_fatal("journal: %s", strerror(errno));
        act->journal_count = 0;
        for (struct dirent *entry; (entry = readdir(listing));) {
                if (entry->d_name[0] == '.')
                        unlinkat(act->journals, entry->d_name, 0); /* never renamed into place */
                if (entry->d_name[0] == '.' || strlen(entry->d_name) != JOURNAL_NAME_SIZE - 1)
                        continue; /* the latter is kept beside a journal */
                CLEANUP(arena_freep) struct arena *arena = arena_new();
                struct journal journal = {.fd = -1};
                int result = plan_resume(act, entry->d_name, &journal, arena);
                if (result != 0)
                        log_warn("plan %s could not be ended: %s", entry->d_name, strerror(-result));
                journal_close(&journal);
                act->journal_count++;
        }
        closedir(listing);
}
