/* Changes as jobs: those under way from memory, the last ones that are over from memory too (read from the ledger
 * after a start), older ones from the ledger.
 * Rights: in clerks; works on memory and through db/. */
#include "state/job.h"

#include "base/log.h"
#include "base/mem.h"
#include "nas_job.h"
#include "state/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_DEFAULT = 50, LIST_MOST = 500 };
enum job_column {
        JOB_ID,
        JOB_ACTOR,
        JOB_OUTCOME,
        JOB_METHOD,
        JOB_OBJECT,
        JOB_ACTOR_NAME,
        JOB_STARTED,
        JOB_ENDED,
        JOB_DETAIL
};

static bool may_see(const struct call *call, uint32_t actor)
{
        const struct ticket *ticket = &call_who(call)->ticket;
        return ticket->role >= ROLE_OPERATOR || ticket->subject == actor;
}

static bool may_abort(const struct call *call, uint32_t actor)
{
        const struct ticket *ticket = &call_who(call)->ticket;
        return ticket->role >= ROLE_ADMIN || ticket->subject == actor;
}

/* --- as the contract has them --- */

static struct nas_job_job job_of_run(const struct run *run, struct arena *arena)
{
        char *started = arena_alloc(arena, RFC3339_SIZE);
        clock_format(run->started_us, started);
        struct nas_job_job job = {.id = run->job,
                                  .method = run->row.method,
                                  .description = run->row.object,
                                  .state = run->step > 0 ? NAS_JOB_STATE_RUNNING : NAS_JOB_STATE_WAITING,
                                  .step = run->step,
                                  .steps = run->steps,
                                  .words = "",
                                  .actor = run->row.actor_name,
                                  .started = started,
                                  .abortable = run->stage <= RUN_ACTING && !run->abort_wanted};
        if (run->step > 0 && run->steps > 0)
                job.percent = (run->step - 1) * 100 / run->steps;
        if (run->plan && run->step > 0 && run->step <= run->plan->count)
                job.words = action_words(run->plan->operations, &run->plan->steps[run->step - 1], arena);
        return job;
}

static struct nas_job_job job_of_finished(const struct finished *finished)
{
        bool success = finished->outcome == OUTCOME_SUCCESS;
        bool aborted = finished->outcome == OUTCOME_ABORTED;
        return (struct nas_job_job){.id = finished->id,
                                    .method = finished->method,
                                    .description = finished->object,
                                    .state = success   ? NAS_JOB_STATE_SUCCESS
                                             : aborted ? NAS_JOB_STATE_ABORTED
                                                       : NAS_JOB_STATE_FAILED,
                                    .percent = success ? 100 : 0,
                                    .step = finished->step,
                                    .steps = finished->steps,
                                    .words = "",
                                    .actor = finished->actor_name,
                                    .error = *finished->error ? finished->error : NULL,
                                    .started = finished->started,
                                    .finished = finished->ended};
}

static int newest_first(const void *a, const void *b)
{
        const struct nas_job_job *x = a, *y = b;
        return (x->id < y->id) - (x->id > y->id);
}

static void write_list(struct json_out *out, struct call *call, void *context)
{
        const struct changes *changes = context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct json *wish = json_member(call_parameters(call), "limit");
        size_t limit = json_type_of(wish) == JSON_INTEGER ? (size_t)json_integer(wish) : LIST_DEFAULT;
        size_t room = CHANGES_RUNNING_MAX + changes->running + changes->finished_count;
        struct nas_job_job *jobs = arena_array(arena, room, sizeof(*jobs));
        size_t count = 0;
        for (const struct run *run = changes->runs; run; run = run->next)
                if (run->job > 0 && may_see(call, run->row.actor))
                        jobs[count++] = job_of_run(run, arena);
        for (size_t i = 0; i < changes->finished_count; i++)
                if (may_see(call, changes->finished[i]->actor))
                        jobs[count++] = job_of_finished(changes->finished[i]);
        qsort(jobs, count, sizeof(*jobs), newest_first);
        struct nas_job_list_jobs_out reply = {.jobs = jobs, .jobs_count = count < limit ? count : limit};
        nas_job_list_jobs_out_write(out, &reply);
}

static const struct run *find_run(const struct changes *changes, int64_t id)
{
        for (const struct run *run = changes->runs; run; run = run->next)
                if (run->job == id && id > 0)
                        return run;
        return NULL;
}

static const struct finished *find_finished(const struct changes *changes, int64_t id)
{
        for (size_t i = 0; i < changes->finished_count; i++)
                if (changes->finished[i]->id == id)
                        return changes->finished[i];
        return NULL;
}

static void write_one(struct json_out *out, struct call *call, void *context)
{
        const struct changes *changes = context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        int64_t id = json_integer(json_member(call_parameters(call), "id"));
        const struct run *run = find_run(changes, id);
        const struct finished *finished = find_finished(changes, id);
        struct nas_job_get_job_out reply = {
                .job = {.id = id, .method = "", .description = "", .words = "", .actor = "", .started = ""}};
        if (run)
                reply.job = job_of_run(run, arena);
        else if (finished)
                reply.job = job_of_finished(finished);
        nas_job_get_job_out_write(out, &reply);
}

/* --- those that are over --- */

static const char *put_text(char **at, const char *text)
{
        const char *start = *at;
        *at = stpcpy(*at, text) + 1;
        return start;
}

/* Takes texts in the order method, object, actor_name, error, started, ended. */
static struct finished *finished_new(const struct finished *like)
{
        const char *texts[] = {like->method, like->object, like->actor_name, like->error, like->started, like->ended};
        size_t bytes = sizeof(*like);
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                bytes += strlen(texts[i]) + 1;
        struct finished *finished = mem_new(1, bytes);
        char *at = (char *)(finished + 1);
        *finished = *like;
        finished->method = put_text(&at, like->method);
        finished->object = put_text(&at, like->object);
        finished->actor_name = put_text(&at, like->actor_name);
        finished->error = put_text(&at, like->error);
        finished->started = put_text(&at, like->started);
        finished->ended = put_text(&at, like->ended);
        return finished;
}

static void remember(struct changes *changes, const struct finished *like)
{
        free(changes->finished[changes->finished_at]);
        changes->finished[changes->finished_at] = finished_new(like);
        changes->finished_at = (changes->finished_at + 1) % CHANGES_FINISHED_MAX;
        if (changes->finished_count < CHANGES_FINISHED_MAX)
                changes->finished_count++;
}

void jobs_finish(const struct run *run)
{
        ASSERT(run);
        char started[RFC3339_SIZE], ended[RFC3339_SIZE];
        clock_format(run->started_us, started);
        clock_format(clock_real_us(), ended);
        struct finished finished = {.id = run->job,
                                    .actor = run->row.actor,
                                    .outcome = run->outcome,
                                    .step = run->step,
                                    .steps = run->steps,
                                    .method = run->row.method,
                                    .object = run->row.object,
                                    .actor_name = run->row.actor_name,
                                    .error = run->outcome == OUTCOME_SUCCESS ? "" : run->failure.message,
                                    .started = started,
                                    .ended = ended};
        remember(run->changes, &finished);
}

static enum outcome outcome_of(const char *word)
{
        for (int i = OUTCOME_SUCCESS; i <= OUTCOME_REFUSED; i++)
                if (strcmp(outcome_name((enum outcome)i), word) == 0)
                        return (enum outcome)i;
        return OUTCOME_UNKNOWN;
}

static int64_t detail_number(const struct json *detail, const char *name)
{
        const struct json *value = detail ? json_member(detail, name) : NULL;
        return json_type_of(value) == JSON_INTEGER ? json_integer(value) : 0;
}

/* Texts stay in rows and in *ret_detail. */
static struct finished finished_of_row(const struct db_rows *rows, int row, struct json **ret_detail)
{
        struct json *detail = json_parse(db_value(rows, row, JOB_DETAIL), db_value_length(rows, row, JOB_DETAIL), NULL);
        const struct json *message = detail ? json_member(detail, "message") : NULL;
        *ret_detail = detail;
        return (struct finished){.id = strtoll(db_value(rows, row, JOB_ID), NULL, 10),
                                 .actor = (uint32_t)strtoul(db_value(rows, row, JOB_ACTOR), NULL, 10),
                                 .outcome = outcome_of(db_value(rows, row, JOB_OUTCOME)),
                                 .step = detail_number(detail, "step"),
                                 .steps = detail_number(detail, "steps"),
                                 .method = db_value(rows, row, JOB_METHOD),
                                 .object = db_value(rows, row, JOB_OBJECT),
                                 .actor_name = db_value(rows, row, JOB_ACTOR_NAME),
                                 .error = json_type_of(message) == JSON_TEXT ? json_text(message, NULL) : "",
                                 .started = db_value(rows, row, JOB_STARTED),
                                 .ended = db_value(rows, row, JOB_ENDED)};
}

static void on_loaded(const struct db_done *done, void *context)
{
        struct changes *changes = context;
        if (done->status != DB_OK)
                return;
        for (int i = db_rows_count(done->rows[0]) - 1; i >= 0; i--) {
                CLEANUP(json_freep) struct json *detail = NULL;
                struct finished finished = finished_of_row(done->rows[0], i, &detail);
                if (!find_finished(changes, finished.id))
                        remember(changes, &finished);
        }
        jobs_changed(changes);
}

void jobs_load(struct changes *changes)
{
        ASSERT(changes);
        char limit[16];
        snprintf(limit, sizeof(limit), "%d", CHANGES_FINISHED_MAX);
        struct db_batch *batch = db_batch_new(changes->parts.db);
        db_add(batch, changes->parts.first_statement + CHANGE_FINISHED, (const char *[]){limit});
        db_submit(batch, on_loaded, changes);
}

void jobs_begin(struct changes *changes)
{
        ASSERT(changes);
        changes->jobs = topic_new("jobs", write_list, changes);
        changes->job = topic_new("job", write_one, changes);
}

void jobs_changed(struct changes *changes)
{
        ASSERT(changes);
        topic_changed(changes->jobs);
        topic_changed(changes->job);
}

void jobs_free(struct changes *changes)
{
        for (size_t i = 0; i < CHANGES_FINISHED_MAX; i++)
                free(changes->finished[i]);
}

/* --- the methods --- */

static void no_such_job(struct call *call)
{
        struct failure failure = {0};
        failure_set(&failure, FAILURE_NOT_FOUND, "id", "List the jobs.", "There is no such job.");
        call_fail(call, &failure);
}

void jobs_list(struct changes *changes, struct call *call)
{
        ASSERT(changes && call);
        topic_serve(changes->jobs, call);
}

struct asked { /* one job on its way from the ledger */
        struct call *call;
};

static void asker_gone(void *context)
{
        struct asked *asked = context;
        asked->call = NULL;
}

static void on_one(const struct db_done *done, void *context)
{
        struct asked *asked = context;
        struct call *call = asked->call;
        free(asked);
        if (!call)
                return;
        if (done->status != DB_OK) {
                struct failure failure = {0};
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "Is PostgreSQL running?",
                            "The ledger cannot be read now.");
                call_fail(call, &failure);
                return;
        }
        if (db_rows_count(done->rows[0]) == 0) {
                no_such_job(call);
                return;
        }
        CLEANUP(json_freep) struct json *detail = NULL;
        struct finished finished = finished_of_row(done->rows[0], 0, &detail);
        if (!may_see(call, finished.actor)) {
                no_such_job(call);
                return;
        }
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        struct nas_job_get_job_out reply = {.job = job_of_finished(&finished)};
        nas_job_get_job_out_write(out, &reply);
        call_reply(call, out);
}

void jobs_show(struct changes *changes, struct call *call, int64_t id)
{
        ASSERT(changes && call);
        const struct run *run = find_run(changes, id);
        const struct finished *finished = run ? NULL : find_finished(changes, id);
        if (run || finished) {
                if (may_see(call, run ? run->row.actor : finished->actor))
                        topic_serve(changes->job, call);
                else
                        no_such_job(call);
                return;
        }
        if (!changes->parts.operations) {
                no_such_job(call);
                return;
        }
        char text[24];
        snprintf(text, sizeof(text), "%lld", (long long)id);
        struct asked *asked = mem_new(1, sizeof(*asked));
        asked->call = call;
        call_on_gone(call, asker_gone, asked);
        struct db_batch *batch = db_batch_new(changes->parts.db);
        db_add(batch, changes->parts.first_statement + CHANGE_ONE, (const char *[]){text});
        db_submit(batch, on_one, asked);
}

void jobs_abort(struct changes *changes, struct call *call, int64_t id)
{
        ASSERT(changes && call);
        struct failure failure = {0};
        struct run *run = changes->runs;
        while (run && (run->job != id || id <= 0))
                run = run->next;
        const struct finished *finished = run ? NULL : find_finished(changes, id);
        if (!run && !(finished && may_see(call, finished->actor))) {
                no_such_job(call);
                return;
        }
        if (run && !may_abort(call, run->row.actor)) {
                failure_set(&failure, FAILURE_DENIED, "", "Ask who began it, or an administrator.",
                            "Only who began it and administrators may stop it.");
                changes_refuse(changes, call, &failure);
                return;
        }
        if (!run || run->stage > RUN_ACTING) {
                failure_set(&failure, FAILURE_CONFLICT, "id", "", "It is over already.");
                call_fail(call, &failure);
                return;
        }
        run_abort(run);
        jobs_changed(changes);
        call_reply(call, NULL);
}
