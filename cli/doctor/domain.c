/* The domain that this machine is in: does a controller answer, do the clocks agree, does it know this machine? The
 * shares clerk finds that out; when it cannot be asked that is open, and said.
 * Rights: part of the doctor, as root; starts bulkhead, which asks the clerk as anybody at the console does. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

/* From so many seconds on Kerberos takes nobody for who they are. */
enum { CLOCK_MOST_S = 300 };

/* In the order in which one hides the next. */
static const char *next_of(struct doctor *doctor, const struct json *domain, const char *realm)
{
        const struct json *clock = json_member(domain, "clock_difference");
        if (*answer_text(domain, "controller") == '\0')
                return "see that a controller runs, and that the name server in /etc/resolv.conf knows the domain";
        if (json_type_of(clock) == JSON_INTEGER && llabs(json_integer(clock)) >= CLOCK_MOST_S)
                return "set the clock, for example: timedatectl set-ntp true";
        return arena_printf(doctor->arena, "bulkhead smb leave, then bulkhead smb join %s", realm);
}

bool domain_judge(struct doctor *doctor, const char *said)
{
        ASSERT(doctor != NULL && said != NULL);
        const struct json *document = json_parse_in(doctor->arena, said, strlen(said), &(struct failure){0});
        const struct json *domain = json_type_of(document) == JSON_OBJECT ? json_member(document, "domain") : NULL;
        if (json_type_of(domain) != JSON_OBJECT)
                return false;
        const char *realm = answer_text(domain, "realm"), *message = answer_text(domain, "message");
        if (!answer_is(domain, "joined"))
                found_good(doctor, "", "this machine is in no domain");
        else if (*message != '\0')
                found_bad(doctor, realm, next_of(doctor, domain, realm), "%.*s", (int)strcspn(message, "."), message);
        else
                found_good(doctor, realm, "its controller answers and takes this machine for who it is");
        return true;
}

void check_domain(struct doctor *doctor)
{
        static const char *const words[] = {"/usr/bin/bulkhead", "smb", "domain", "--json", NULL};
        bulkhead_judge(doctor, words, domain_judge);
}
