/* Presets of who may do what in a dataset, as modes and as ACLs: for the hand, which sets them, and the clerk, which
 * knows them again. */
#ifndef BULKHEAD_VALUE_ACCESS_PRESET_H
#define BULKHEAD_VALUE_ACCESS_PRESET_H

#include <stddef.h>
#include <stdint.h>

enum { ACCESS_PRESET_ACL_BYTES = 28 };

/* Of the folder itself. 0: there is no such preset. */
unsigned access_preset_mode(const char *preset);
/* Who may do what in all that will be made in it, whatever its maker's umask: the same, as the kernel takes it for
 * system.posix_acl_default. Gives its length. */
size_t access_preset_acl(unsigned mode, uint8_t ret_acl[ACCESS_PRESET_ACL_BYTES]);
/* The preset that a folder with that mode and that default ACL has; NULL: none. */
const char *access_preset_of(unsigned mode, const void *acl, size_t length);

#endif
