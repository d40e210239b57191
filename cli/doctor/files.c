/* What lies on the disk: settings, the package's own files, the folders, accounts, and what is published there.
 * Rights: part of the doctor, as root; reads, starts dpkg. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "sys/file.h"
#include "sys/settings.h"
#include "ticket/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DPKG_SECONDS = 60, OPEN_PLAN_S = 600, WORDS = 5 };
#define TMPFILES "/usr/lib/tmpfiles.d"

void check_settings(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        static const char path[] = SETTINGS_DIRECTORY "/" SETTINGS_FILE;
        struct settings settings;
        struct failure failure = {0};
        struct stat status;
        if (settings_read(doctor->arena, doctor_path(doctor, SETTINGS_DIRECTORY), &settings, &failure) < 0)
                found_bad(doctor, path, "correct that line, then: systemctl restart bulkhead.target",
                          "is wrong, so daemons do not start: %s", failure.message);
        else if (lstat(doctor_path(doctor, path), &status) < 0)
                found_warning(doctor, path, "apt-get install --reinstall -o Dpkg::Options::=--force-confmiss bulkhead",
                              "is not there; the defaults hold");
        else if (status.st_uid != 0 || (status.st_mode & 022) != 0)
                found_bad(doctor, path, arena_printf(doctor->arena, "chown root:root %s; chmod 644 %s", path, path),
                          "can be written by others than root");
        else
                found_good(doctor, path, "is right");
}

/* --- the package --- */

/* Lines of dpkg --verify: nine marks, perhaps " c" for a configuration file, which may be changed, and the path. */
void check_package(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        const char *words[] = {"/usr/bin/dpkg", "--verify", "bulkhead", NULL}, *said;
        struct tool dpkg = {.words = words, .seconds = DPKG_SECONDS};
        size_t before = doctor->count;
        int result = tool_run(doctor->arena, &dpkg, &said);
        if (result < 0 || (result != 0 && *said == '\0')) {
                found_unknown(doctor, "dpkg", "dpkg --verify bulkhead", "cannot be asked");
                return;
        }
        for (const char *line = said; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
                const char *path = memchr(line, '/', strcspn(line, "\n"));
                if (path == NULL || (path - line > 2 && path[-2] == 'c'))
                        continue;
                const char *name = arena_text(doctor->arena, path, strcspn(path, "\n"));
                /* Containers are often made without documentation. */
                if (strncmp(line, "missing", 7) == 0 && strncmp(name, "/usr/share/doc/", 15) == 0)
                        continue;
                found_bad(doctor, name, "apt-get install --reinstall bulkhead", "%s",
                          strncmp(line, "missing", 7) == 0 ? "is missing" : "is not as the package brought it");
        }
        if (doctor->count == before)
                found_good(doctor, "bulkhead", "is as it was packaged");
}

/* --- folders --- */

static size_t split(struct arena *arena, const char *line, size_t length, const char **words)
{
        size_t count = 0;
        for (size_t at = 0; at < length && count < WORDS;) {
                size_t blanks = strspn(line + at, " \t"), word = strcspn(line + at + blanks, " \t\n");
                if (at + blanks >= length || word == 0)
                        break;
                words[count++] = arena_text(arena, line + at + blanks, word);
                at += blanks + word;
        }
        return count;
}

static bool belongs(const struct stat *status, const struct accounts *accounts, const char *user, const char *group)
{
        const struct account *owner = accounts_named(accounts, user);
        const struct account_group *of = accounts_group(accounts, group);
        return owner != NULL && of != NULL && status->st_uid == owner->uid && status->st_gid == of->gid;
}

/* One line "d PATH MODE USER GROUP": what systemd-tmpfiles would make. */
static void judge_path(struct doctor *doctor, const char *const *words, const struct accounts *accounts)
{
        static const char again[] = "systemd-tmpfiles --create";
        struct stat status;
        unsigned long mode = strtoul(words[2], NULL, 8);
        bool folder = *words[0] == 'd';
        if (lstat(doctor_path(doctor, words[1]), &status) < 0)
                found_bad(doctor, words[1], again, "is not there: %s", strerror(errno));
        else if (folder ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode))
                found_bad(doctor, words[1], again, "is no %s", folder ? "folder" : "file");
        else if (!belongs(&status, accounts, words[3], words[4]))
                found_bad(doctor, words[1], again, "does not belong to %s:%s", words[3], words[4]);
        else if ((status.st_mode & 07777) != mode)
                found_bad(doctor, words[1], again, "has mode %04o instead of %04lo", status.st_mode & 07777, mode);
        else
                found_good(doctor, words[1], "belongs to whom it should");
}

static void judge_list(struct doctor *doctor, const char *path, const struct accounts *accounts)
{
        const char *text = doctor_file(doctor, path);
        if (text == NULL)
                found_unknown(doctor, path, "", "cannot be read: %s", strerror(errno));
        for (const char *line = text; line != NULL && *line != '\0';
             line += strcspn(line, "\n"), line += *line == '\n') {
                const char *words[WORDS];
                size_t count = split(doctor->arena, line, strcspn(line, "\n"), words);
                if (count == WORDS && (strcmp(words[0], "d") == 0 || strcmp(words[0], "f") == 0))
                        judge_path(doctor, words, accounts);
        }
}

void check_files(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct accounts accounts;
        DIR *directory = opendir(doctor_path(doctor, TMPFILES));
        const struct dirent *entry;
        if (accounts_read(doctor->arena, &accounts) < 0 || directory == NULL)
                found_unknown(doctor, TMPFILES, "apt-get install --reinstall bulkhead", "cannot be read");
        else
                while ((entry = readdir(directory)) != NULL)
                        if (strncmp(entry->d_name, "bulkhead", 8) == 0)
                                judge_list(doctor, arena_printf(doctor->arena, TMPFILES "/%s", entry->d_name),
                                           &accounts);
        if (directory != NULL)
                closedir(directory);
}

/* --- accounts --- */

static void judge_users(struct doctor *doctor, const struct accounts *accounts)
{
        for (size_t i = 0; policies[i] != NULL; i++) {
                const struct account *user = accounts_named(accounts, policies[i]->user);
                if (user == NULL) {
                        found_bad(doctor, policies[i]->user, "systemd-sysusers", "is no user: %s cannot start",
                                  policies[i]->name);
                        continue;
                }
                if (user->uid == 0 && policies[i]->why_root == NULL)
                        found_bad(doctor, policies[i]->user, "give it a number of its own in /etc/passwd",
                                  "is root under another name");
                for (size_t other = 0; other < i; other++) {
                        const struct account *same = accounts_named(accounts, policies[other]->user);
                        if (same != NULL && same->uid == user->uid)
                                found_bad(doctor, policies[i]->user, "give each its own number in /etc/passwd",
                                          "has the same number as %s", policies[other]->user);
                }
        }
}

static size_t administrators(const struct accounts *accounts, bool enabled)
{
        size_t count = 0;
        for (size_t i = 0; i < accounts->count; i++)
                if (account_is_bulkheads(&accounts->list[i]) &&
                    account_role(accounts, accounts->list[i].name) == ROLE_ADMIN)
                        count += !enabled || account_enabled(accounts, accounts->list[i].name);
        return count;
}

void check_accounts(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct accounts accounts;
        int error = accounts_read(doctor->arena, &accounts);
        if (error < 0) {
                found_bad(doctor, "/etc/passwd or /etc/group", "put back the copy that ends in -",
                          "cannot be read to its end: %s", strerror(-error));
                return;
        }
        size_t before = doctor->count;
        judge_users(doctor, &accounts);
        for (int role = ROLE_VIEWER; role <= ROLE_ADMIN; role++) {
                const char *group = arena_printf(doctor->arena, ACCOUNT_GROUP_PREFIX "%s", role_name((enum role)role));
                if (accounts_group(&accounts, group) == NULL)
                        found_bad(doctor, group, "systemd-sysusers", "is no group: nobody can have that role");
        }
        if (administrators(&accounts, false) == 0)
                found_warning(doctor, "administrators", "bulkhead setup-code, then bulkhead setup run NAME",
                              "are not there: the set-up was not done yet");
        else if (administrators(&accounts, true) == 0)
                found_bad(doctor, "administrators", "bulkhead users update NAME --enabled", "are all disabled");
        if (doctor->count == before)
                found_good(doctor, "accounts", "are in order");
}

/* --- what is published, and what is open --- */

/* Whether it is of this boot is not asked: a container may show a boot id of its own to us, and /run is new anyway. */
void check_trust(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        static const char path[] = TRUST_DIRECTORY "/" TRUST_FILE;
        static const char next[] = "systemctl restart bulkhead-users-hand.service";
        CLEANUP_FD int folder = open(doctor_path(doctor, TRUST_DIRECTORY), O_DIRECTORY | O_CLOEXEC);
        uint8_t *bytes = NULL;
        size_t length = 0;
        int error = folder < 0 ? -errno : file_read_below(folder, TRUST_FILE, TRUST_BYTES_MAX, &bytes, &length);
        struct trust_content *content = error == 0 ? trust_parse(bytes, length) : NULL;
        free(bytes);
        if (content != NULL && content->key_count > 0)
                found_good(doctor, path, "holds");
        else
                found_bad(doctor, path, next, "does not hold (%s): nobody can sign in, and nothing can be changed",
                          error < 0 ? strerror(-error) : "it is damaged");
        trust_content_free(content);
}

static void judge_journal(struct doctor *doctor, const struct process_policy *policy)
{
        const char *folder = arena_printf(doctor->arena, "/var/lib/%s/journal", policy->state_directory);
        DIR *directory = opendir(doctor_path(doctor, folder));
        const struct dirent *entry;
        size_t open = 0;
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
                struct stat status;
                const char *path = arena_printf(doctor->arena, "%s/%s", folder, entry->d_name);
                open += *entry->d_name != '.' && lstat(doctor_path(doctor, path), &status) == 0 &&
                        S_ISREG(status.st_mode) && status.st_mtime + OPEN_PLAN_S < time(NULL);
        }
        if (directory != NULL)
                closedir(directory);
        if (open > 0)
                found_warning(doctor, policy->name,
                              arena_printf(doctor->arena,
                                           "systemctl restart bulkhead-%s.service; when it stays, see "
                                           "journalctl -u 'bulkhead-*'",
                                           policy->name),
                              "has %zu plans that were begun and are not closed", open);
        else
                found_good(doctor, policy->name, "has no plan open");
}

void check_plans(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        for (size_t i = 0; policies[i] != NULL; i++)
                if (policies[i]->kind == PROCESS_HAND && policies[i]->state_directory != NULL)
                        judge_journal(doctor, policies[i]);
}
