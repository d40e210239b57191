/* Lines of a data service's configuration, "key = value", judged one by one: whoever may write any line of it is root.
 * A table says which keys there are and what each may be set to; nothing else is a line. */
#ifndef BULKHEAD_VALUE_SETTING_H
#define BULKHEAD_VALUE_SETTING_H

#include <stdbool.h>
#include <stddef.h>

typedef bool setting_check(const char *text, size_t length);

struct setting {
        const char *key;
        setting_check *check;     /* NULL: one of the words */
        const char *const *words; /* ended by NULL */
};

/* Is it a line of that table (ended by a NULL key)? */
bool setting_is_one(const char *line, size_t length, const struct setting *table);

/* What values are made of. */
bool setting_text(const char *text, size_t length);      /* for people; nothing that a service would expand */
bool setting_names(const char *text, size_t length);     /* "alice, @family" */
bool setting_smb_names(const char *text, size_t length); /* the same, also "S-1-5-21-1-2-3-1104" */
bool setting_sid(const char *text, size_t length);       /* what a domain calls one of its accounts or groups */
bool setting_addresses(const char *text, size_t length); /* "192.168.1.0/24 fd00::1" */
bool setting_count(const char *text, size_t length);     /* 0 to 1000000 */
extern const char *const setting_flag[];                 /* yes, no */

/* A share's path with this behind it is, of that folder, the one that each account has of its own. */
#define SETTING_OWN_FOLDER "/%u"
/* So many bytes of a path are the folder. */
size_t setting_folder_length(const char *path, size_t length);

/* What holds for a machine in any domain, and the numbers that accounts and groups of a domain get: far from those that
 * Bulkhead, Debian or containers give. */
#define SETTING_MEMBER_FILE          "/usr/share/bulkhead/smb-member.conf"
#define SETTING_DOMAIN_FIRST         1900000000
#define SETTING_DOMAIN_LAST          2099999999
#define SETTING_BETWEEN(first, last) #first "-" #last
#define SETTING_RANGE(first, last)   SETTING_BETWEEN(first, last)
#define SETTING_DOMAIN_RANGE         SETTING_RANGE(SETTING_DOMAIN_FIRST, SETTING_DOMAIN_LAST)

/* The value of a line of a file, "\tkey = value"; NULL: there is none. */
const char *setting_find(const char *text, const char *key, size_t *ret_length);

#endif
