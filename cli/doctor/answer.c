/* What bulkhead answers when the doctor has it ask a clerk, as anybody at the console does.
 * Rights: part of the doctor; starts bulkhead, as the doctor's user. */
#include "base/log.h"
#include "cli/doctor/doctor.h"
#include "json/json.h"

const char *answer_text(const struct json *object, const char *name)
{
        const struct json *value = json_member(object, name);
        return json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
}

bool answer_is(const struct json *object, const char *name)
{
        const struct json *value = json_member(object, name);
        return json_type_of(value) == JSON_BOOLEAN && json_boolean(value);
}

/* What is elsewhere and away is waited for. */
enum { SECONDS = 120 };

void bulkhead_judge(struct doctor *doctor, const char *const *words, bool (*judge)(struct doctor *, const char *said))
{
        ASSERT(doctor != NULL && words != NULL && judge != NULL);
        const struct tool asked = {.words = words, .seconds = SECONDS};
        const char *said;
        const int result = tool_run(doctor->arena, &asked, &said);
        if (result != 0 || !judge(doctor, said))
                found_unknown(doctor, "", "see to what is said above, then look again", "cannot be asked for: %s",
                              result == TOOL_HUNG      ? "no answer within two minutes"
                              : result == TOOL_MISSING ? "/usr/bin/bulkhead is missing"
                                                       : first_line(doctor->arena, said));
}
