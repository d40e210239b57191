/* The fake machine of the shares clerk's tests: files of shares in a folder of the test's own, which steps change as
 * the hand would; a pool "tank"; and a service that runs or does not. */
#ifndef BULKHEAD_TESTS_SHARES_CLERK_MACHINE_H
#define BULKHEAD_TESTS_SHARES_CLERK_MACHINE_H

#include "daemons/shares/clerk/shares.h"
#include "tests/unit/fake/fake.h"

struct fake_machine {
        bool tank_is_away, smb_is_down;
        char clients[4096]; /* what smbstatus, or the NFS server, writes */
        char domain[4096];  /* what is found of a domain on the network */
        char sid[128];      /* which number the domain says that somebody has */
};
extern struct fake_machine fake_machine;

/* A group of tests begins and ends with these, and each test with set_up. What they make goes into the arena. */
extern struct arena *fake_arena;
int fake_machine_start(void **state);
int fake_machine_stop(void **state);
int fake_machine_set_up(void **state);
/* No share, the server as it is from the start, the service running. */
void fake_machine_clear(void);
void fake_machine_end(void); /* takes its folders away */
/* The file of a share as it stands; "" when there is none. Static. */
const char *fake_machine_file(const char *share);
void fake_machine_put(const char *share, const char *text);
/* How that server is set; NULL: its file is taken away. */
void fake_machine_put_server(const char *file, const char *text);
void fake_machine_put_transfer(const char *name, const char *text);
void fake_machine_put_run(const char *file, const char *text); /* what a unit found */

/* What ada, an administrator, asks; done, or refused with that word before anything is carried out. */
struct fake_reply fake_ask(const char *method, const char *parameters);
void fake_done(const char *method, const char *parameters);
void fake_fails(const char *method, const char *parameters, const char *word);
/* The last plan has these words in this order. */
void fake_in_order(const char *const *words);
#define IN_ORDER(...) fake_in_order((const char *const[]){__VA_ARGS__, NULL})

#endif
