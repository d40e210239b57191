/* The five roles, from least to most. A role is an order: who has one has all below it.
 * They come from Unix groups (bulkhead-viewer ... bulkhead-admin), never from the database. */
#ifndef BULKHEAD_BASE_ROLE_H
#define BULKHEAD_BASE_ROLE_H

enum role { ROLE_NOBODY, ROLE_VIEWER, ROLE_USER, ROLE_OPERATOR, ROLE_ADMIN };

/* "nobody", "viewer", "user", "operator", "admin". */
const char *role_name(enum role role);

/* Sets *ret_role and returns 0, or returns -1 (output untouched) for any other word. */
int role_parse(const char *word, enum role *ret_role);

#endif
