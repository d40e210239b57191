/* What was promised in a released contract, held against what the contract says now. What a client sends must still be
 * accepted, what it reads must still be there; more may be offered, nothing more may be asked.
 * Rights: as the parser; reads its trees, nothing else. */
#include "base/log.h"
#include "ipc/compiler/read.h"

#include <string.h>

struct promise {
        struct faults *faults;
        const struct idl_member *member; /* the method or error under way, as it is now */
        bool sent;                       /* by the client: parameters; otherwise read by it */
};

static void compare_type(const struct promise *promise, const struct idl_field *field, const struct idl_type *was,
                         const struct idl_type *is);

static void broken(const struct promise *promise, struct idl_place place, const char *field, const char *what)
{
        fault(promise->faults, place, "\"%s\" of \"%s\" %s", field, promise->member->name, what);
}

static void compare_list(const struct promise *promise, const struct idl_type *was, const struct idl_type *is);

/* Limits on what is sent may only widen. */
static void compare_limits(const struct promise *promise, const struct idl_field *old, const struct idl_field *now)
{
        const struct idl_note *const *was = old->said.notes, *const *is = now->said.notes;

        if (is[IDL_MAX] != NULL && (was[IDL_MAX] == NULL || is[IDL_MAX]->to < was[IDL_MAX]->to))
                broken(promise, is[IDL_MAX]->place, now->name, "has a smaller @max than released, expected no less");
        if (is[IDL_RANGE] != NULL && (was[IDL_RANGE] == NULL || is[IDL_RANGE]->from > was[IDL_RANGE]->from ||
                                      is[IDL_RANGE]->to < was[IDL_RANGE]->to))
                broken(promise, is[IDL_RANGE]->place, now->name,
                       "has a narrower @range than released, expected no less");
        if (is[IDL_IS] != NULL && (was[IDL_IS] == NULL || strcmp(is[IDL_IS]->words[0], was[IDL_IS]->words[0]) != 0))
                broken(promise, is[IDL_IS]->place, now->name, "is another value type than released, expected the same");
        if (was[IDL_DEFAULT] != NULL &&
            (is[IDL_DEFAULT] == NULL || strcmp(is[IDL_DEFAULT]->words[0], was[IDL_DEFAULT]->words[0]) != 0))
                broken(promise, now->place, now->name, "has another @default than released, expected the same");
}

static void compare_field(const struct promise *promise, const struct idl_field *old, const struct idl_field *now)
{
        const struct idl_note *was = old->said.notes[IDL_IS], *is = now->said.notes[IDL_IS];

        if (promise->sent && old->type->optional && !now->type->optional)
                broken(promise, now->place, now->name, "was optional when released, expected it to stay so");
        if (!promise->sent && !old->type->optional && now->type->optional)
                broken(promise, now->place, now->name, "was always there when released, expected it to stay so");
        if (promise->sent)
                compare_limits(promise, old, now);
        else if (was != NULL && (is == NULL || strcmp(was->words[0], is->words[0]) != 0))
                broken(promise, now->place, now->name, "was another value type when released, expected the same");
        if ((old->said.notes[IDL_COOKIE] == NULL) != (now->said.notes[IDL_COOKIE] == NULL))
                broken(promise, now->place, now->name, "goes another way than released, expected the same @cookie");
        compare_type(promise, now, old->type, now->type);
}

static void compare_type(const struct promise *promise, const struct idl_field *field, const struct idl_type *was,
                         const struct idl_type *is)
{
        if (was->kind != is->kind || (was->kind == IDL_NAMED && strcmp(was->name, is->name) != 0))
                broken(promise, is->place, field->name, "has another type than released, expected the same");
        else if (was->of != NULL)
                compare_type(promise, field, was->of, is->of);
        else if (idl_real(was)->kind != idl_real(is)->kind)
                broken(promise, is->place, field->name, "has another type than released, expected the same");
        else
                compare_list(promise, idl_real(was), idl_real(is));
}

static void compare_list(const struct promise *promise, const struct idl_type *was, const struct idl_type *is)
{
        for (const struct idl_field *old = was->fields; old != NULL; old = old->next) {
                const struct idl_field *now = idl_field(is, old->name);
                if (now == NULL)
                        broken(promise, is->place, old->name, "was released and is gone, expected it to stay");
                else if (old->type != NULL && now->type != NULL)
                        compare_field(promise, old, now);
        }
        for (const struct idl_field *now = is->fields; now != NULL && promise->sent; now = now->next)
                if (now->type != NULL && !now->type->optional && idl_field(was, now->name) == NULL)
                        broken(promise, now->place, now->name, "was not released, expected it to be optional");
}

static void method_broken(struct faults *faults, const struct idl_member *method, const char *what)
{
        fault(faults, method->place, "\"%s\" %s", method->name, what);
}

/* The released words, and perhaps more behind them. */
static bool begins_with(const struct idl_note *now, const struct idl_note *released)
{
        if (now == NULL || now->count < released->count)
                return false;
        for (size_t i = 0; i < released->count; i++)
                if (strcmp(now->words[i], released->words[i]) != 0)
                        return false;
        return true;
}

static unsigned strictness(const struct idl_note *warrant)
{
        return warrant == NULL ? 0 : warrant->count > 0 ? 1 : 2;
}

static void compare_method(const struct idl_member *old, const struct idl_member *now, struct faults *faults)
{
        const struct idl_note *const *was = old->said.notes, *const *is = now->said.notes;
        struct promise promise = {faults, now, true};

        if (was[IDL_ROLE] != NULL && is[IDL_ROLE] != NULL && is[IDL_ROLE]->role > was[IDL_ROLE]->role)
                method_broken(faults, now, "asks for a higher @role than released, expected no higher one");
        if (was[IDL_HTTP] != NULL && !begins_with(is[IDL_HTTP], was[IDL_HTTP]))
                method_broken(faults, now, "has another @http than released, expected the same");
        if (was[IDL_ALSO] != NULL && !begins_with(is[IDL_ALSO], was[IDL_ALSO]))
                method_broken(faults, now, "has another @also than released, expected the same, or more behind it");
        if (was[IDL_COMMAND] != NULL && !begins_with(is[IDL_COMMAND], was[IDL_COMMAND]))
                method_broken(faults, now, "has another @command than released, expected the same, or more behind it");
        if ((was[IDL_PLAN] == NULL) != (is[IDL_PLAN] == NULL) || (was[IDL_JOB] == NULL) != (is[IDL_JOB] == NULL))
                method_broken(faults, now, "answers in another way than released, expected the same @plan and @job");
        if (strictness(is[IDL_WARRANT]) > strictness(was[IDL_WARRANT]))
                method_broken(faults, now, "asks for a @warrant that was not needed when released, expected none");
        if ((was[IDL_MORE] != NULL && is[IDL_MORE] == NULL) || (was[IDL_ONEWAY] != NULL && is[IDL_ONEWAY] == NULL))
                method_broken(faults, now, "cannot be called as when released, expected its @more or @oneway");
        compare_list(&promise, old->type, now->type);
        promise.sent = false;
        compare_list(&promise, old->reply, now->reply);
}

int idl_check_released(const struct idl_contract *released, const struct idl_contract *now, char message[256])
{
        ASSERT(released != NULL && now != NULL && message != NULL);
        struct faults faults = {.file_name = now->file_name, .message = message};

        for (const struct idl_member *old = released->members; old != NULL && !faults.any; old = old->next) {
                const struct idl_member *same = idl_member(now, old->what, old->name);
                if (same == NULL) {
                        fault(&faults, now->place, "\"%s\" was released and is gone, expected it to stay", old->name);
                } else if (old->what == IDL_METHOD) {
                        compare_method(old, same, &faults);
                } else if (old->what == IDL_ERROR || old->said.notes[IDL_EVENT] != NULL) {
                        const struct promise promise = {&faults, same, false};
                        compare_list(&promise, old->type, same->type);
                }
        }
        return faults.any ? -1 : 0;
}
