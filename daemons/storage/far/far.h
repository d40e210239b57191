/* Sending to another machine over SSH: what its files share. */
#ifndef BULKHEAD_STORAGE_FAR_FAR_H
#define BULKHEAD_STORAGE_FAR_FAR_H

#include "value/remote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define REMOTES "/etc/bulkhead/remotes"     /* who they are, as OpenSSH reads it; the hand's */
#define KEYS    "/var/lib/bulkhead-far"     /* a key for each, which nobody else can read */
#define SAID    "/var/lib/bulkhead/remotes" /* what they said, for the clerk */

/* --- ssh.c: one command on the other machine --- */
enum { WHY_SIZE = 256 };
struct ssh {
        pid_t pid;
        int input, out, err; /* input -1: it reads nothing */
};
/* words: the program and what it is told, ended by NULL. */
void program_start(struct ssh *ssh, const char *const *words, bool input);
/* True: it ended well. What it said on its output, cut at size, in out (NULL: not wanted); why it did not, in why. */
bool program_end(struct ssh *ssh, char *out, size_t size, char why[WHY_SIZE]);
void ssh_start(struct ssh *ssh, const char *remote, const char *command, bool input);
bool ssh_do(const char *remote, const char *command, char *out, size_t size, char why[WHY_SIZE]);

/* --- said.c: what the other machine answers; pure, fuzzed: whoever is there may say anything --- */
/* Why a connection ended, of what OpenSSH complained, in our words and printable. */
void said_why(const char *complaint, bool connected, char why[WHY_SIZE]);
/* The snapshots of a folder as lines "UUID NAME", of what `btrfs subvolume list -R -r` and `ls` of the folder say. How
 * many bytes; what does not fit is left out. */
size_t said_snapshots(const char *list, const char *names, char *out, size_t size);
/* Is the name in a line of its own? */
bool said_has(const char *names, const char *name);
/* Does `btrfs subvolume show` say that it was received as that UUID, and that nobody can write to it? */
bool said_is_kept(const char *shown, const char *uuid);

/* --- meet.c --- */
int remote_meet(const char *remote);

#endif
