/* Rows of the ledger for the journal. No detail: what steps did and how they failed stays in the ledger.
 * Rights: clerks; the journal's socket, or stderr. The only door to libsystemd. */
#include "serve/journal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
enum { FIELDS = 11, FIELD_MAX = 384 };

static struct {
        bool there;
        char name[32];
} journal;

void journal_open(const char *name)
{
        ASSERT(name);
        struct stat status;
        snprintf(journal.name, sizeof(journal.name), "%s", name);
        journal.there = stat(JOURNAL_SOCKET, &status) == 0 && S_ISSOCK(status.st_mode);
}

static void send_fields(const struct ledger_row *row, const char *message)
{
        char text[FIELDS + 1][FIELD_MAX];
        const char *const pairs[FIELDS][2] = {
                {"MESSAGE", message},
                {"SYSLOG_IDENTIFIER", journal.name},
                {"BULKHEAD_REQUEST", row->request},
                {"BULKHEAD_PLAN", row->plan},
                {"BULKHEAD_ACTOR", row->actor_name},
                {"BULKHEAD_SOURCE", row->source},
                {"BULKHEAD_METHOD", row->method},
                {"BULKHEAD_OBJECT", row->object},
                {"BULKHEAD_OUTCOME", row->outcome},
                {"BULKHEAD_KIND", ledger_kind_name(row->kind)},
                {"PRIORITY", row->kind == LEDGER_REFUSAL ? "4" : "5"},
        };
        struct iovec fields[FIELDS + 1];
        for (size_t i = 0; i < FIELDS; i++) {
                snprintf(text[i], FIELD_MAX, "%s=%s", pairs[i][0], pairs[i][1]);
                fields[i] = (struct iovec){.iov_base = text[i], .iov_len = strlen(text[i])};
        }
        snprintf(text[FIELDS], FIELD_MAX, "BULKHEAD_ACTOR_UID=%u", row->actor);
        fields[FIELDS] = (struct iovec){.iov_base = text[FIELDS], .iov_len = strlen(text[FIELDS])};
        (void)sd_journal_sendv(fields, FIELDS + 1);
}

void journal_note(const struct ledger_row *row)
{
        ASSERT(row);
        char message[FIELD_MAX], safe[FIELD_MAX];
        snprintf(message, sizeof(message), "%s%s%s: %s %s by %s (%s), request %s", ledger_kind_name(row->kind),
                 *row->outcome ? " " : "", row->outcome, row->method, row->object,
                 *row->actor_name ? row->actor_name : "nobody", row->source, row->request);
        text_escape(message, strlen(message), safe, sizeof(safe));
        if (journal.there)
                send_fields(row, safe);
        else
                log_info("%s", safe);
}
