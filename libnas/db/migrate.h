/* Bringing the schema up to date: blocking, for bulkhead-migrate only, run by the superuser of the database. */
#ifndef BULKHEAD_DB_MIGRATE_H
#define BULKHEAD_DB_MIGRATE_H

#include "base/failure.h"

enum { MIGRATE_FILES_MAX = 999, MIGRATE_FILE_BYTES_MAX = 1024 * 1024, MIGRATE_NEWER = MIGRATE_FILES_MAX + 1 };

/* Applies every NNN_name.sql of directory that is not recorded in bulkhead.migration yet, in order, each in one
 * transaction with its record; then the file grants (NULL: none), every time. Refuses before anything is done when
 * an applied file was changed, is gone from between others, or when a new one would come before it. told (NULL is fine)
 * hears what was applied. The number of files applied; MIGRATE_NEWER when the database knows all of them and more, as
 * after a downgrade: a newer schema serves the version before it, so nothing is to be done; or -1 with *failure. */
int migrate_run(const char *conninfo, const char *directory, const char *grants, void (*told)(const char *name),
                struct failure *failure);

/* Looks whether all that was applied, and is in force: reachable, no file missing, changed or still to come, and the
 * rights of our roles those of the file grants (which is run for that and rolled back). Changes nothing. 0 (also for a
 * newer schema), or -1 with *failure; FAILURE_UNAVAILABLE when the database cannot be reached. */
int migrate_check(const char *conninfo, const char *directory, const char *grants, struct failure *failure);

#endif
