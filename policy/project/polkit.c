/* What hands may have PID 1 do, as polkit's rules: each unit action of a hand's policy, for that hand's user alone, and
 * only on units whose name the operation's values can make.
 * Rights: part of policy-print, a host program. */
#include "base/mem.h"
#include "plan/plan.h"
#include "policy/policies.h"
#include "policy/project/project.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct process_policy *policy_of(const char *hand)
{
        char name[64];
        snprintf(name, sizeof(name), "%s-hand", hand);
        for (size_t i = 0; policies[i] != NULL; i++)
                if (strcmp(policies[i]->name, name) == 0)
                        return policies[i];
        return NULL;
}

/* The value type's own pattern, without its anchors. */
static void write_type(FILE *out, const struct operation *operation, const char *name, size_t length)
{
        struct param param;
        for (size_t i = 0; operation_param(operation, i, &param); i++)
                if (param.name_length == length && memcmp(param.name, name, length) == 0)
                        fprintf(out, "(?:%.*s)", (int)strlen(param.type->pattern) - 2, param.type->pattern + 1);
}

static void write_unit(FILE *out, const struct operation *operation)
{
        for (const char *at = operation->unit; *at != '\0'; at++) {
                if (*at == '{') {
                        size_t length = strcspn(at + 1, "}");
                        write_type(out, operation, at + 1, length);
                        at += length + 1;
                } else {
                        fprintf(out, strchr(".@\\", *at) != NULL ? "\\%c" : "%c", *at);
                }
        }
}

static void write_rule(FILE *out, const struct process_policy *policy, const struct operation *operation)
{
        fprintf(out,
                "\n        // %s\n        if (subject.user == \"%s\" && action.id == \"org.freedesktop.systemd1.%s\"",
                operation->says, policy->user, operation->unit != NULL ? "manage-units" : "reload-daemon");
        if (operation->unit != NULL) {
                fprintf(out, " &&\n            action.lookup(\"verb\") == \"%s\" && /^", operation->verb);
                write_unit(out, operation);
                fputs("$/.test(action.lookup(\"unit\"))", out);
        }
        fputs(")\n                return polkit.Result.YES;\n", out);
}

int write_polkit(const char *directory)
{
        FILE *out = unit_open(directory, "rules.d", "", ".rules");
        if (out == NULL)
                return -1;
        fputs("polkit.addRule(function (action, subject) {", out);
        for (size_t i = 0; operation_lists[i] != NULL; i++) {
                const struct process_policy *policy = policy_of(operation_lists[i]->hand);
                for (size_t n = 0; policy != NULL && n < operation_lists[i]->count; n++)
                        if (operation_lists[i]->list[n].name != NULL && operation_lists[i]->list[n].act == ACT_UNIT)
                                write_rule(out, policy, &operation_lists[i]->list[n]);
        }
        fputs("        return polkit.Result.NOT_HANDLED;\n});\n", out);
        return unit_close(out);
}
