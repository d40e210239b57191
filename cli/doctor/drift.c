/* Where what is wanted and what is there have come apart, because somebody changed something by hand. Only the clerks
 * know what is wanted: when one cannot be asked that is open, and said.
 * Rights: part of the doctor, as root; starts bulkhead, which asks the clerks as anybody at the console does. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "json/json.h"

#include <string.h>

enum { SECONDS = 30 };

static const struct {
        const char *of, *command; /* what is looked at, and the word before restore and adopt */
        const char *words[5];
} lists[] = {
        {"storage", "drift", {"/usr/bin/bulkhead", "drift", "list", "--json", NULL}},
        {"shares", "shares", {"/usr/bin/bulkhead", "shares", "drift", "--json", NULL}},
};

static const char *next_of(struct doctor *doctor, const char *command, const struct json *row)
{
        const char *id = answer_text(row, "id"), *ways = "";
        if (answer_is(row, "can_restore"))
                ways = arena_printf(doctor->arena, "bulkhead %s restore %s", command, id);
        if (answer_is(row, "can_adopt"))
                ways = arena_printf(doctor->arena, "%s%sbulkhead %s adopt %s", ways, ways[0] != '\0' ? ", or " : "",
                                    command, id);
        return ways[0] != '\0' ? ways : "see to it by hand";
}

bool drift_judge(struct doctor *doctor, const char *of, const char *command, const char *said)
{
        ASSERT(doctor != NULL && of != NULL && command != NULL && said != NULL);
        const struct json *document = json_parse_in(doctor->arena, said, strlen(said), &(struct failure){0});
        const struct json *list = json_type_of(document) == JSON_OBJECT ? json_member(document, "drift") : NULL;
        if (json_type_of(list) != JSON_ARRAY)
                return false;
        for (size_t i = 0; i < json_length(list); i++) {
                const struct json *row = json_item(list, i);
                if (json_type_of(row) != JSON_OBJECT)
                        return false;
                const char *found = answer_text(row, "found"), *wanted = answer_text(row, "wanted");
                found_warning(doctor, answer_text(row, "name"), next_of(doctor, command, row),
                              "is not as it is wanted (%s): wanted is %s; there is %s", of,
                              wanted[0] != '\0' ? wanted : "nothing", found[0] != '\0' ? found : "nothing");
        }
        if (json_length(list) == 0)
                found_good(doctor, of, "is as it is wanted");
        return true;
}

void check_drift(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                struct tool asked = {.words = lists[i].words, .seconds = SECONDS};
                const char *said;
                int result = tool_run(doctor->arena, &asked, &said);
                if (result != 0 || !drift_judge(doctor, lists[i].of, lists[i].command, said))
                        found_unknown(doctor, lists[i].of, "see to what is said above, then look again",
                                      "cannot be compared with what is wanted: %s",
                                      result == TOOL_HUNG      ? "no answer within 30 seconds"
                                      : result == TOOL_MISSING ? "/usr/bin/bulkhead is missing"
                                                               : first_line(doctor->arena, said));
        }
}
