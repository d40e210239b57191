/* The directory (LDAP) from which people are taken: do its servers answer, with a certificate that holds, do they know
 * this machine, and are there people? The shares clerk finds that out; when it cannot be asked that is open, and said.
 * Rights: part of the doctor, as root; starts bulkhead, which asks the clerk as anybody at the console does. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "json/json.h"

#include <string.h>

/* Nobody gets in while none answers; while another does, nobody notices. */
static void judge_server(struct doctor *doctor, const struct json *server, bool another)
{
        const char *name = answer_text(server, "name"), *message = answer_text(server, "message"),
                   *next = answer_text(server, "next");
        const size_t length = strlen(message), point = length > 0 && message[length - 1] == '.';
        if (answer_is(server, "reached"))
                found_good(doctor, name, "answers and knows this machine");
        else if (another)
                found_warning(doctor, name, next, "%.*s; another server is asked", (int)(length - point), message);
        else
                found_bad(doctor, name, next, "%.*s; nobody of the directory gets in", (int)(length - point), message);
}

bool directory_judge(struct doctor *doctor, const char *said)
{
        ASSERT(doctor != NULL && said != NULL);
        const struct json *document = json_parse_in(doctor->arena, said, strlen(said), &(struct failure){0});
        const struct json *directory =
                json_type_of(document) == JSON_OBJECT ? json_member(document, "directory") : NULL;
        const struct json *servers = json_type_of(directory) == JSON_OBJECT ? json_member(directory, "servers") : NULL;
        if (json_type_of(directory) != JSON_OBJECT)
                return false;
        if (!answer_is(directory, "used")) {
                found_good(doctor, "", "people come from no directory");
                return true;
        }
        if (json_type_of(servers) != JSON_ARRAY)
                return false;
        for (size_t i = 0; i < json_length(servers); i++)
                judge_server(doctor, json_item(servers, i), answer_is(directory, "reached"));
        return true;
}

void check_directory(struct doctor *doctor)
{
        static const char *const words[] = {"/usr/bin/bulkhead", "directory", "show", "--json", NULL};
        bulkhead_judge(doctor, words, directory_judge);
}
