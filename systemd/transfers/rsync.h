/* Inside the program that people have for a shell where rsync is served. */
#ifndef BULKHEAD_SYSTEMD_TRANSFERS_RSYNC_H
#define BULKHEAD_SYSTEMD_TRANSFERS_RSYNC_H

enum { RSYNC_PATH_SIZE = 96 };

/* Writes into a file of the caller's in the folder place which modules rsync has: of the folders in shown, those that the
 * caller may use. 0, or -errno. */
int rsync_modules(const char *shown, const char *place, char ret_path[RSYNC_PATH_SIZE]);

#endif
