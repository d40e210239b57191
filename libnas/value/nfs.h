/* Who may use an export and how: as people say it, and as nfs-ganesha is told.
 * What the kernel's server is told is made of that (nfs_order.h). */
#ifndef BULKHEAD_VALUE_NFS_H
#define BULKHEAD_VALUE_NFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nfs_squash { NFS_SQUASH_NONE, NFS_SQUASH_ROOT, NFS_SQUASH_ALL, NFS_SQUASHES };
enum nfs_security { NFS_SYS, NFS_KRB5, NFS_KRB5I, NFS_KRB5P, NFS_SECURITIES };
enum { NFS_HOST_SIZE = 256, NFS_CLIENT_SIZE = 512, NFS_SECURITY_SIZE = 64, NFS_CLIENT_RANKS = 4, NFS_NOBODY = 65534 };

struct nfs_client {
        char host[NFS_HOST_SIZE]; /* an address, a network, a name, @ and a netgroup, or * */
        bool read_only;
        enum nfs_squash squash;
        uint32_t anonymous_uid, anonymous_gid;
        unsigned security; /* a bit each */
};

/* "192.168.1.0/24 rw squash=root anon=65534:65534 sec=sys": what is not said is so. False: it is none. */
bool nfs_client_read(const char *text, size_t length, struct nfs_client *ret_client);
void nfs_client_write(const struct nfs_client *client, char ret_text[NFS_CLIENT_SIZE]);
/* "sys:krb5", with between in the place of the colon. */
void nfs_security_write(const struct nfs_client *client, const char *between, char ret_text[NFS_SECURITY_SIZE]);
/* In which order the kernel's server goes by who they are: names, addresses and networks, netgroups, everybody. */
unsigned nfs_client_rank(const struct nfs_client *client);
/* "CLIENT { Clients = ...; ... }", in exactly one way. */
bool nfs_block_read(const char *text, size_t length, struct nfs_client *ret_client);
void nfs_block_write(const struct nfs_client *client, char ret_text[NFS_CLIENT_SIZE]);

#endif
