/* The types nfs_client (as people say it) and nfs_block (as nfs-ganesha is told), and what both say.
 * Rights: every process; none needed. */
#include "value/nfs.h"
#include "base/mem.h"
#include "value/shape.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const squashes[][2] = {[NFS_SQUASH_NONE] = {"none", "No_Root_Squash"},
                                          [NFS_SQUASH_ROOT] = {"root", "Root_Squash"},
                                          [NFS_SQUASH_ALL] = {"all", "All_Squash"}};
static const char *const securities[] = {
        [NFS_SYS] = "sys", [NFS_KRB5] = "krb5", [NFS_KRB5I] = "krb5i", [NFS_KRB5P] = "krb5p"};

static bool is_host(const char *text)
{
        size_t length = strlen(text);
        if (text[0] == '@')
                return length <= 64 && shape_only(text + 1, length - 1, SHAPE_LETTERS SHAPE_DIGITS "_-");
        return strcmp(text, "*") == 0 || (value_is(&value_share_host, text, length)) ||
               (length < NFS_HOST_SIZE && shape_host(text, length));
}

static bool read_id(const char *text, size_t length, uint32_t *ret_id)
{
        char copy[16];
        if (length >= sizeof(copy) || !shape_number(text, length, 0, UINT32_MAX - 1))
                return false;
        memcpy(copy, text, length);
        copy[length] = '\0';
        *ret_id = (uint32_t)strtoul(copy, NULL, 10);
        return true;
}

static bool read_anonymous(const char *text, struct nfs_client *client)
{
        const char *colon = strchr(text, ':');
        return colon && read_id(text, (size_t)(colon - text), &client->anonymous_uid) &&
               read_id(colon + 1, strlen(colon + 1), &client->anonymous_gid);
}

static bool read_squash(const char *text, size_t column, struct nfs_client *client)
{
        for (int i = 0; i < NFS_SQUASHES; i++)
                if (strcmp(squashes[i][column], text) == 0) {
                        client->squash = (enum nfs_squash)i;
                        return true;
                }
        return false;
}

/* Each once. text is taken apart. */
static bool read_security(char *text, const char *between, struct nfs_client *client)
{
        client->security = 0;
        for (char *word; (word = text);) {
                text = strstr(word, between);
                if (text) {
                        *text = '\0';
                        text += strlen(between);
                }
                unsigned bit = 0;
                for (int i = 0; i < NFS_SECURITIES; i++)
                        if (strcmp(securities[i], word) == 0)
                                bit = 1u << i;
                if (bit == 0 || (client->security & bit) != 0)
                        return false;
                client->security |= bit;
        }
        return true;
}

static const struct nfs_client unsaid = {
        .squash = NFS_SQUASH_ROOT, .anonymous_uid = NFS_NOBODY, .anonymous_gid = NFS_NOBODY, .security = 1u << NFS_SYS};

/* What word says; 0: it is none. */
static unsigned read_word(char *word, struct nfs_client *client)
{
        if (strcmp(word, "ro") == 0 || strcmp(word, "rw") == 0) {
                client->read_only = word[1] == 'o';
                return 1;
        }
        if (strncmp(word, "squash=", 7) == 0)
                return read_squash(word + 7, 0, client) ? 2 : 0;
        if (strncmp(word, "anon=", 5) == 0)
                return read_anonymous(word + 5, client) ? 4 : 0;
        return strncmp(word, "sec=", 4) == 0 && read_security(word + 4, ":", client) ? 8 : 0;
}

bool nfs_client_read(const char *text, size_t length, struct nfs_client *ret_client)
{
        char copy[NFS_CLIENT_SIZE], *rest = copy;
        struct nfs_client client = unsaid;
        unsigned said = 0;
        if (length >= sizeof(copy) || memchr(text, '\0', length))
                return false;
        memcpy(copy, text, length);
        copy[length] = '\0';
        const char *host = strsep(&rest, " ");
        if (!is_host(host))
                return false;
        snprintf(client.host, sizeof(client.host), "%s", host);
        for (char *word; (word = strsep(&rest, " "));) {
                unsigned what = read_word(word, &client);
                if (what == 0 || (said & what) != 0)
                        return false;
                said |= what;
        }
        *ret_client = client;
        return true;
}

void nfs_security_write(const struct nfs_client *client, const char *between, char ret_text[NFS_SECURITY_SIZE])
{
        size_t length = 0;
        *ret_text = '\0';
        for (int i = 0; i < NFS_SECURITIES; i++)
                if ((client->security & 1u << i) != 0)
                        length += (size_t)snprintf(ret_text + length, NFS_SECURITY_SIZE - length, "%s%s",
                                                   length > 0 ? between : "", securities[i]);
}

void nfs_client_write(const struct nfs_client *client, char ret_text[NFS_CLIENT_SIZE])
{
        char security[NFS_SECURITY_SIZE];
        nfs_security_write(client, ":", security);
        snprintf(ret_text, NFS_CLIENT_SIZE, "%s %s squash=%s anon=%u:%u sec=%s", client->host,
                 client->read_only ? "ro" : "rw", squashes[client->squash][0], client->anonymous_uid,
                 client->anonymous_gid, security);
}

unsigned nfs_client_rank(const struct nfs_client *client)
{
        return strcmp(client->host, "*") == 0                                    ? 3
               : client->host[0] == '@'                                          ? 2
               : value_is(&value_share_host, client->host, strlen(client->host)) ? 1
                                                                                 : 0;
}

void nfs_block_write(const struct nfs_client *client, char ret_text[NFS_CLIENT_SIZE])
{
        char security[NFS_SECURITY_SIZE];
        nfs_security_write(client, ", ", security);
        snprintf(ret_text, NFS_CLIENT_SIZE,
                 "CLIENT { Clients = %s; Access_Type = %s; Squash = %s; Anonymous_Uid = %u; Anonymous_Gid = %u; "
                 "SecType = %s; }",
                 client->host, client->read_only ? "RO" : "RW", squashes[client->squash][1], client->anonymous_uid,
                 client->anonymous_gid, security);
}

/* The value between before and after, at *at. NULL: it is not so. */
static char *between(char **at, const char *before, const char *after)
{
        if (strncmp(*at, before, strlen(before)) != 0)
                return NULL;
        char *value = *at + strlen(before), *end = strstr(value, after);
        if (!end)
                return NULL;
        *end = '\0';
        *at = end + strlen(after);
        return value;
}

/* Read, and then compared with what would be written: nothing else is such a block. */
bool nfs_block_read(const char *text, size_t length, struct nfs_client *ret_client)
{
        static const char *const before[] = {"CLIENT { Clients = ", "Access_Type = ",   "Squash = ",
                                             "Anonymous_Uid = ",    "Anonymous_Gid = ", "SecType = "};
        char copy[NFS_CLIENT_SIZE], *at = copy, *values[ARRAY_SIZE(before)], again[NFS_CLIENT_SIZE];
        struct nfs_client client = unsaid;
        if (length >= sizeof(copy) || memchr(text, '\0', length))
                return false;
        memcpy(copy, text, length);
        copy[length] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(before); i++)
                if (!(values[i] = between(&at, before[i], "; ")))
                        return false;
        if (!is_host(values[0]) || !read_squash(values[2], 1, &client) ||
            !read_id(values[3], strlen(values[3]), &client.anonymous_uid) ||
            !read_id(values[4], strlen(values[4]), &client.anonymous_gid) || !read_security(values[5], ", ", &client))
                return false;
        snprintf(client.host, sizeof(client.host), "%s", values[0]);
        client.read_only = strcmp(values[1], "RO") == 0;
        nfs_block_write(&client, again);
        if (strlen(again) != length || memcmp(again, text, length) != 0)
                return false;
        *ret_client = client;
        return true;
}

static bool check_client(const char *text, size_t length)
{
        struct nfs_client client;
        return nfs_client_read(text, length, &client);
}

static bool check_block(const char *text, size_t length)
{
        struct nfs_client client;
        return nfs_block_read(text, length, &client);
}

static bool check_state(const char *text, size_t length)
{
        static const char *const words[] = {"on", "off", NULL};
        return shape_is_one_of(text, length, words);
}

/* A dataset: what can be mounted by itself. Not a whole pool: the server cannot list a folder with datasets in it. */
static bool check_path(const char *text, size_t length)
{
        const char *slash = length > 5 && memcmp(text, "/srv/", 5) == 0 ? memchr(text + 5, '/', length - 5) : NULL;
        size_t pool = slash ? (size_t)(slash - text) - 5 : length - 5;
        char name[64];
        if (length <= 5 || memcmp(text, "/srv/", 5) != 0 || pool >= sizeof(name))
                return false;
        memcpy(name, text + 5, pool);
        name[pool] = '\0';
        return slash && value_is(&value_pool_name, name, pool) &&
               value_is(&value_dataset, slash + 1, length - 6 - pool);
}

const struct value_type value_nfs_client = {
        .name = "nfs_client",
        .says = "an address, a network, a host name, @ and a netgroup or *; then any of rw, ro, squash=none|root|all, "
                "anon=UID:GID, sec=sys|krb5|krb5i|krb5p (several with : between)",
        .pattern = NULL,
        .example = "192.168.1.0/24 rw squash=root",
        .max_bytes = NFS_CLIENT_SIZE - 1,
        .check = check_client,
};

const struct value_type value_nfs_block = {
        .name = "nfs_block",
        .says = "what nfs-ganesha is told of one client",
        .pattern = NULL,
        .example = "CLIENT { Clients = 192.168.1.0/24; Access_Type = RW; Squash = Root_Squash; Anonymous_Uid = 65534; "
                   "Anonymous_Gid = 65534; SecType = sys; }",
        .max_bytes = NFS_CLIENT_SIZE - 1,
        .check = check_block,
};

const struct value_type value_nfs_path = {
        .name = "nfs_path",
        .says = "a dataset: /srv/POOL/DATASET",
        .pattern = NULL,
        .example = "/srv/tank/photos",
        .max_bytes = 400,
        .check = check_path,
};

const struct value_type value_nfs_state = {
        .name = "nfs_state",
        .says = "on or off",
        .pattern = "^(on|off)$",
        .example = "on",
        .max_bytes = 3,
        .check = check_state,
};

static bool check_number(const char *text, size_t length)
{
        return shape_number(text, length, 1, 65535);
}

const struct value_type value_nfs_number = {
        .name = "nfs_number",
        .says = "1 to 65535",
        .pattern = "^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$",
        .example = "12",
        .max_bytes = 5,
        .check = check_number,
};
