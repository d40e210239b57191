/* What policy-print can print, one function a section; each writes to out. */
#ifndef BULKHEAD_POLICY_PROJECT_PROJECT_H
#define BULKHEAD_POLICY_PROJECT_PROJECT_H

#include <stdio.h>

/* units.c: writes the services and sockets in DIR/system, DIR/sysusers.d and DIR/tmpfiles.d. 0 or -1, said on stderr.
 */
int print_units(const char *directory);

FILE *unit_open(const char *directory, const char *folder, const char *name, const char *suffix);
int unit_close(FILE *out);

/* polkit.c: the rules by which PID 1 lets hands act on units, in DIR/rules.d. 0 or -1, said on stderr. */
int write_polkit(const char *directory);

/* tables.c */
void print_grants(FILE *out);    /* SQL */
void print_processes(FILE *out); /* Markdown tables, for docs/security.md */
void print_paths(FILE *out);
void print_privileges(FILE *out); /* capabilities and database grants */
void print_syscalls(FILE *out);
void print_operations(FILE *out);

/* surface.c: every method the network can reach, from the contracts named. 0 or -1, said on stderr. */
int print_surface(FILE *out, char *const *contracts);

#endif
