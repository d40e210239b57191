/* What modules have published: kept in memory and in a table, told to who reads and watches. Nothing else is ever
 * told of them.
 * Rights: the modules clerk; its schema in the database. */
#include "daemons/modules/clerk/modules.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool known, loading;

bool states_known(void)
{
        return known;
}

/* --- told --- */

/* Its results are fields of State, so that each stands in what was published, in its place. */
void read_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        const struct method *method = context;
        const struct published *published = &method->module->published;
        json_out_object(out);
        for (const struct idl_field *f = method->said->reply->fields; f; f = f->next) {
                size_t length = 0;
                const char *value =
                        published->state ? json_span(published->state, published->length, f->name, &length) : NULL;
                if (!value)
                        continue;
                json_out_key(out, f->name);
                json_out_raw(out, value, length);
        }
        json_out_object_end(out);
}

void read_serve(const struct method *method, struct call *call)
{
        ASSERT(method && method->topic && call);
        struct failure failure = {0};
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        if (shape_again(method->in, call_parameters(call), out, &failure) != 0) {
                call_misread(call, &failure);
        } else if (!method->module->published.state) {
                const char *fault = program_fault(method->module->program);
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "",
                            "The module %s has not published anything yet%s%.200s", method->module->name,
                            fault ? ": " : ".", fault ? fault : "");
                call_fail(call, &failure);
        } else {
                topic_serve(method->topic, call);
        }
}

void reads_changed(const struct module *module)
{
        ASSERT(module);
        for (size_t i = 0; module->enabled && module->interface.methods[i].name; i++)
                if (module->methods[i].topic)
                        topic_changed(module->methods[i].topic);
}

/* --- published --- */

static void keep(struct module *module, const char *bytes, size_t length, int64_t at_us)
{
        struct published *published = &module->published;
        free(published->state);
        published->state = mem_new(length + 1, 1);
        memcpy(published->state, bytes, length);
        published->length = length;
        published->at_us = at_us;
        reads_changed(module);
        modules_tell();
}

int state_publish(struct module *module, const struct json *state, struct failure *failure)
{
        ASSERT(module && failure);
        struct published *published = &module->published;
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;
        if (shape_again(module->state, state, out, failure) != 0)
                return -1;
        const char *bytes = json_out_bytes(out, &length);
        if (length > MODULE_STATE_MAX)
                return failure_set(failure, FAILURE_INVALID, "", "", "is longer than %d bytes", MODULE_STATE_MAX);
        published->at_us = clock_real_us();
        if (published->state && published->length == length && memcmp(published->state, bytes, length) == 0)
                return 0;
        keep(module, bytes, length, published->at_us);
        published->unwritten = true;
        return 0;
}

/* What is not written yet is lost then, and published again by the program when it is enabled again. */
void state_drop(struct module *module)
{
        ASSERT(module);
        free(module->published.state);
        module->published = (struct published){.writing = module->published.writing};
}

/* --- the table --- */

static void written(const struct db_done *done, void *context)
{
        struct module *module = context;
        module->published.writing = false;
        if (done->status == DB_OK || done->status == DB_GONE || done->status == DB_LOST) {
                if (done->status != DB_OK)
                        module->published.unwritten = module->published.state != NULL;
                return;
        }
        log_warn("what the module %s has published cannot be kept: %s", module->name, done->message);
}

static void add_state(struct db_batch *batch, const struct module *module)
{
        const char *values[] = {module->name, module->published.state};
        db_add(batch, clerk.first_statement + MODULES_PUBLISH, values);
}

/* What an action has changed is kept with its outcome: it is not answered and then lost. Each second it is written once
 * more, since that transaction may fail. */
void states_settle(struct db_batch *batch, const struct action *action)
{
        ASSERT(batch && action);
        const bool acts = action->operation == MODULES_ACT || action->operation == MODULES_ACT_CONFIRMED ||
                          action->operation == MODULES_ACT_DESTROYING;
        for (struct module *module = module_each(NULL); acts && module; module = module_each(module))
                if (module->published.unwritten && strcmp(module->name, action->values[0].text) == 0)
                        add_state(batch, module);
}

void states_write(void)
{
        for (struct module *module = module_each(NULL); module; module = module_each(module)) {
                struct published *published = &module->published;
                if (!published->unwritten || published->writing || db_state_of(clerk.db) != DB_READY)
                        continue;
                struct db_batch *batch = db_batch_new(clerk.db);
                add_state(batch, module);
                published->unwritten = false;
                published->writing = true;
                db_submit(batch, written, module);
        }
}

static void take_row(const struct db_rows *rows, int row)
{
        CLEANUP(json_freep)
        struct json *state = json_parse(db_value(rows, row, 1), db_value_length(rows, row, 1), NULL);
        for (struct module *module = module_each(NULL); module; module = module_each(module)) {
                struct failure failure = {0};
                struct json_out *out CLEANUP(json_out_freep) = json_out_new();
                if (!module->enabled || module->published.state || strcmp(module->name, db_value(rows, row, 0)) != 0)
                        continue;
                size_t length;
                if (!state || shape_again(module->state, state, out, &failure) != 0) {
                        log_info("what the module %s published once is not as its contract says now", module->name);
                        continue;
                }
                const char *bytes = json_out_bytes(out, &length);
                keep(module, bytes, length, strtoll(db_value(rows, row, 2), NULL, 10));
        }
}

static void loaded(const struct db_done *done, void *context)
{
        (void)context;
        loading = false;
        for (int i = 0; done->status == DB_OK && i < db_rows_count(done->rows[0]); i++)
                take_row(done->rows[0], i);
        known = known || done->status == DB_OK;
        if (known)
                programs_begin();
}

void states_load(void)
{
        if (loading)
                return;
        loading = true;
        struct db_batch *batch = db_batch_new(clerk.db);
        db_add(batch, clerk.first_statement + MODULES_STATES, NULL);
        db_submit(batch, loaded, NULL);
}
