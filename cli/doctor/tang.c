/* Servers in the network that open encrypted pools (Tang): does each answer, and has it still the key by which it opens
 * what is sealed here? It is asked for an exchange with that key that it must refuse, for what it is given is no point of
 * the curve: who has the key says so (400), who has lost it knows no such thing (404). Nothing is opened by that, and no
 * key is seen.
 * Rights: part of the doctor; reads /etc/bulkhead/tang and pools and what is sealed, and has curl ask as a lesser user. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/doctor/doctor.h"
#include "json/json.h"
#include "value/types.h"

#include <dirent.h>
#include <string.h>

#define ORDERS "/etc/bulkhead/tang"
#define POOLS  "/etc/bulkhead/pools"
#define SEALED "/var/lib/bulkhead/tang"
#define CURL                                                                                                           \
        "/usr/bin/curl", "--disable", "--silent", "--show-error", "--globoff", "--proto", "=http,https", "--max-time", \
                "10", "--max-filesize", "65536", "--output", "/dev/null", "--write-out", "%{http_code}"
#define NO_POINT "{\"kty\":\"EC\",\"alg\":\"ECMR\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"}"
enum { SECONDS = 15, HEADER_MAX = 8192 };

const char *tang_key(struct arena *arena, const char *sealed)
{
        ASSERT(arena != NULL && sealed != NULL);
        const size_t length = strcspn(sealed, ".\n"), room = length < HEADER_MAX ? length + 1 : 0;
        char *text = arena_alloc(arena, HEADER_MAX);
        const long used = room > 0 ? text_unbase64(sealed, length, text, room) : -1;
        const struct json *header = used > 0 ? json_parse_in(arena, text, (size_t)used, &(struct failure){0}) : NULL;
        const struct json *kid =
                header != NULL && json_type_of(header) == JSON_OBJECT ? json_member(header, "kid") : NULL;
        const char *print = kid != NULL && json_type_of(kid) == JSON_TEXT ? json_text(kid, NULL) : "";
        return value_is(&value_tang_thumbprint, print, strlen(print)) ? print : NULL;
}

void tang_judge(struct doctor *doctor, const char *pool, const char *url, const char *status)
{
        ASSERT(doctor != NULL && pool != NULL && url != NULL && status != NULL);
        if (strcmp(status, "400") == 0 || strcmp(status, "403") == 0)
                found_good(doctor, pool, "the Tang server %s answers and has its key", url);
        else if (strcmp(status, "404") == 0)
                found_bad(doctor, pool,
                          arena_printf(doctor->arena,
                                       "put back the server's keys (/var/lib/tang), or: bulkhead pools forget-way %s "
                                       "tang, then bulkhead pools set-tang %s",
                                       pool, pool),
                          "the Tang server %s answers, but has lost the key that opens the pool", url);
        else if (strcmp(status, "000") == 0)
                found_bad(doctor, pool, "see that the server runs and that the network leads there",
                          "the Tang server %s does not answer: without it the pool stays locked at the next start",
                          url);
        else
                found_bad(doctor, pool, "see what runs there in its place",
                          "what answers at %s is no Tang server (%.3s)", url, status);
}

/* The name of the pool that has this number; the number itself when there is none. */
static const char *name_of(struct doctor *doctor, const char *uuid)
{
        DIR *folder = opendir(doctor_path(doctor, POOLS));
        const char *name = uuid;
        const struct dirent *entry;
        while (folder != NULL && (entry = readdir(folder)) != NULL) {
                const char *said =
                        entry->d_name[0] != '.'
                                ? doctor_file(doctor, arena_printf(doctor->arena, POOLS "/%s", entry->d_name))
                                : NULL;
                if (said != NULL && strstr(said, uuid) != NULL)
                        name = arena_text(doctor->arena, entry->d_name, strlen(entry->d_name));
        }
        if (folder != NULL)
                closedir(folder);
        return name;
}

static const char *url_of(struct doctor *doctor, const char *order)
{
        const char *at = strstr(order, "URL=");
        if (at == NULL)
                return NULL;
        at += strlen("URL=");
        const char *url = arena_text(doctor->arena, at, strcspn(at, "\n"));
        return value_is(&value_tang_url, url, strlen(url)) ? url : NULL;
}

static void look_at(struct doctor *doctor, const char *uuid)
{
        const char *order = doctor_file(doctor, arena_printf(doctor->arena, ORDERS "/%s", uuid)),
                   *sealed = doctor_file(doctor, arena_printf(doctor->arena, SEALED "/%s", uuid)),
                   *url = order != NULL ? url_of(doctor, order) : NULL,
                   *key = sealed != NULL ? tang_key(doctor->arena, sealed) : NULL, *said, *pool = name_of(doctor, uuid);
        if (url == NULL || key == NULL) {
                found_bad(doctor, pool,
                          arena_printf(doctor->arena,
                                       "bulkhead pools forget-way %s tang, then bulkhead pools set-tang %s", pool,
                                       pool),
                          "what is sealed for its Tang server is not there any more");
                return;
        }
        const char *const words[] = {CURL, "--data", NO_POINT, "--", arena_printf(doctor->arena, "%s/rec/%s", url, key),
                                     NULL};
        const struct tool asked = {.words = words, .user = "bulkhead-tang", .seconds = SECONDS};
        const int result = tool_run(doctor->arena, &asked, &said);
        const size_t length = strlen(said);
        if (result == TOOL_MISSING)
                found_bad(doctor, pool, "apt install curl clevis", "its Tang server cannot be asked: curl is missing");
        else
                tang_judge(doctor, pool, url, result == 0 && length >= 3 ? said + length - 3 : "000");
}

void check_tang(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        DIR *folder = opendir(doctor_path(doctor, ORDERS));
        const struct dirent *entry;
        size_t count = 0;
        while (folder != NULL && (entry = readdir(folder)) != NULL)
                if (value_is(&value_uuid, entry->d_name, strlen(entry->d_name))) {
                        look_at(doctor, arena_text(doctor->arena, entry->d_name, strlen(entry->d_name)));
                        count++;
                }
        if (folder != NULL)
                closedir(folder);
        if (count == 0)
                found_good(doctor, "", "no pool is opened by a Tang server");
}
