/* The journal: every row for the ledger is written there too, with structured fields, so that what happened can be
 * read when PostgreSQL is away (journalctl BULKHEAD_REQUEST=...). Without a journal: one line on stderr. */
#ifndef BULKHEAD_SERVE_JOURNAL_H
#define BULKHEAD_SERVE_JOURNAL_H

#include "ledger/ledger.h"

/* Is there a journal? Call before the jail. name: of the process, for SYSLOG_IDENTIFIER. */
void journal_open(const char *name);
void journal_note(const struct ledger_row *row);

#endif
