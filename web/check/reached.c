/* Methods that the network offers and no view does, and parameters that no view asks for: whatever can be done is to be
 * found on some page.
 * Rights: a program of the build machine; memory only. */
#include "web/check/check.h"

#include "base/log.h"

#include <string.h>

/* What is found without a view, and where. */
static const struct {
        const char *method, *where;
} elsewhere[] = {
        {"nas.users.SetupState", "the door: what it shows to who is nobody yet"},
        {"nas.users.Setup", "the door"},
        {"nas.users.Login", "the door"},
        {"nas.users.Logout", "the menu of the person"},
        {"nas.users.Refresh", "nowhere: the front end does it for its cookies"},
        {"nas.users.Describe", "every plan"},
        {"nas.users.Confirm", "every plan that needs a warrant"},
        {"nas.modules.GetModuleTypes", "nowhere: for who writes a module, on the command line"},
        {"nas.job.GetJob", "the list of jobs, which says the same"},
        {"nas.shares.GetNfsExport", "the list of exports, which says the same"},
        {"nas.shares.GetTransfer", "the list of transfers, which says the same"},
};

struct looking {
        const char *method;
        bool found;
};

static bool is_named(const char *name, const struct json *value, void *context);

static bool look_in(const struct json *value, struct looking *looking)
{
        if (json_type_of(value) == JSON_OBJECT)
                json_each(value, is_named, looking);
        for (size_t i = 0; json_type_of(value) == JSON_ARRAY && i < json_length(value) && !looking->found; i++)
                look_in(json_item(value, i), looking);
        return !looking->found;
}

static bool is_named(const char *name, const struct json *value, void *context)
{
        struct looking *looking = context;

        if (strcmp(name, "method") == 0 && json_type_of(value) == JSON_TEXT &&
            strcmp(json_text(value, NULL), looking->method) == 0)
                looking->found = true;
        return look_in(value, looking);
}

static bool is_elsewhere(const char *method)
{
        for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
                if (strcmp(elsewhere[i].method, method) == 0)
                        return true;
        return false;
}

/* --- parameters --- */

struct asking {
        const char *method, *parameter;
        bool asked;
};

static bool names(const struct json *list, const char *parameter)
{
        for (size_t i = 0; i < json_length(list); i++) {
                const struct json *one = json_item(list, i);
                const struct json *name = json_type_of(one) == JSON_OBJECT ? json_member(one, "param") : one;
                if (json_type_of(name) == JSON_TEXT && strcmp(json_text(name, NULL), parameter) == 0)
                        return true;
        }
        return false;
}

static bool is_asked_here(const struct json *object, const char *parameter)
{
        const struct json *with = json_member(object, "with"), *steps = json_member(object, "steps");
        const bool shows = json_has(object, "columns") || json_has(object, "fields") || steps != NULL;
        bool asked = !shows || (with != NULL && json_has(with, parameter)) ||
                     names(json_member(object, "fields"), parameter) ||
                     names(json_member(object, "filters"), parameter);

        for (size_t i = 0; !asked && i < json_length(steps); i++)
                asked = names(json_member(json_item(steps, i), "fields"), parameter);
        return asked;
}

static bool look_deeper(const char *name, const struct json *value, void *context);

static void look_for(const struct json *value, struct asking *asking)
{
        if (json_type_of(value) == JSON_OBJECT) {
                const struct json *method = json_member(value, "method");
                if (json_type_of(method) == JSON_TEXT && strcmp(json_text(method, NULL), asking->method) == 0)
                        asking->asked |= is_asked_here(value, asking->parameter);
                json_each(value, look_deeper, asking);
        }
        for (size_t i = 0; json_type_of(value) == JSON_ARRAY && i < json_length(value) && !asking->asked; i++)
                look_for(json_item(value, i), asking);
}

static bool look_deeper(const char *name, const struct json *value, void *context)
{
        struct asking *asking = context;

        (void)name;
        look_for(value, asking);
        return !asking->asked;
}

/* Lists page by themselves; what is in the path is the row's. */
static bool is_given(const struct idl_member *method, const struct idl_field *field)
{
        return idl_http_place(method, field) == IDL_HTTP_PATH || idl_http_place(method, field) == IDL_HTTP_COOKIE ||
               strcmp(field->name, "cursor") == 0 || strcmp(field->name, "limit") == 0;
}

static void check_parameters(struct checker *checker, const struct idl_member *method, const char *name)
{
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                struct asking asking = {name, f->name, is_given(method, f)};
                for (size_t i = 0; i < checker->view_count && !asking.asked; i++)
                        look_for(checker->views[i].json, &asking);
                if (!asking.asked)
                        view_fault(checker, name, "no view asks for \"%s\"", f->name);
        }
}

void check_reached(struct checker *checker)
{
        ASSERT(checker != NULL);
        checker->file = "web/views";
        for (size_t c = 0; c < checker->contract_count; c++) {
                for (const struct idl_member *m = checker->contracts[c]->members; m != NULL; m = m->next) {
                        if (m->what != IDL_METHOD || m->said.notes[IDL_HTTP] == NULL)
                                continue;
                        struct looking looking = {
                                arena_printf(checker->arena, "%s.%s", checker->contracts[c]->name, m->name), false};
                        for (size_t i = 0; i < checker->view_count && !looking.found; i++)
                                look_in(checker->views[i].json, &looking);
                        if (looking.found == is_elsewhere(looking.method))
                                view_fault(checker, looking.method,
                                           looking.found ? "is in a view, and is listed as being elsewhere (reached.c)"
                                                         : "no view offers it");
                        if (looking.found)
                                check_parameters(checker, m, looking.method);
                }
        }
}
