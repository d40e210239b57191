/* bulkhead-nfs-clients: who uses exports of the kernel's NFS server, and ending that.
 *
 *     bulkhead-nfs-clients            writes down what the kernel tells of each client of version 4
 *     bulkhead-nfs-clients NUMBER     has the kernel forget that one, with all that it has open
 *
 * What is written is a line "client NUMBER" and behind it, each line after a tab, what the kernel says of it and of
 * what it has open. Clients choose names in it: it is for the shares clerk to read.
 *
 * Rights: root's name, CAP_DAC_READ_SEARCH, for that folder has no search bit. Run by PID 1 for a moment; reads and
 * writes /proc/fs/nfsd/clients and nothing else. */
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS "/proc/fs/nfsd/clients"
enum { PIECE = 64 * 1024, OF_ONE_MAX = 1024 * 1024 };

static int numbered(int clients, const char *name)
{
        return value_is(&value_number, name, strlen(name))
                       ? openat(clients, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                       : -1;
}

/* At most so much of it: the kernel makes it while it is read, and a client may have a million files open. */
static void print_indented(int client, const char *name)
{
        CLEANUP_FD int fd = openat(client, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        char *piece = mem_new(PIECE, 1);
        bool begins = true;
        ssize_t got;
        for (size_t all = 0; fd >= 0 && all < OF_ONE_MAX && (got = read(fd, piece, PIECE)) > 0; all += (size_t)got)
                for (ssize_t i = 0; i < got; i++) {
                        if (begins)
                                putchar('\t');
                        putchar(piece[i]);
                        begins = piece[i] == '\n';
                }
        if (!begins)
                putchar('\n');
        free(piece);
}

static int list(int clients)
{
        CLEANUP(listing_closep) DIR *listing = file_list(clients);
        if (!listing) {
                fprintf(stderr, CLIENTS ": %s\n", strerror(errno));
                return EXIT_FAILURE;
        }
        for (struct dirent *entry; (entry = readdir(listing));) {
                CLEANUP_FD int client = numbered(clients, entry->d_name);
                if (client < 0)
                        continue;
                printf("client %s\n", entry->d_name);
                print_indented(client, "info");
                print_indented(client, "states");
        }
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int end(int clients, const char *number)
{
        static const char word[] = "expire\n";
        CLEANUP_FD int client = numbered(clients, number);
        CLEANUP_FD int fd = client >= 0 ? openat(client, "ctl", O_WRONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word))
                return EXIT_SUCCESS;
        fprintf(stderr, CLIENTS "/%s: %s\n", number, strerror(errno));
        return EXIT_FAILURE;
}

int main(int count, char *words[])
{
        CLEANUP_FD int clients = file_directory(CLIENTS);
        if (clients < 0 || count > 2) {
                fprintf(stderr, CLIENTS ": cannot be opened\n");
                return EXIT_FAILURE;
        }
        return count == 2 ? end(clients, words[1]) : list(clients);
}
