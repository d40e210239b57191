/* What others keep for us: the database, the certificate, and the services with checkers of their own.
 * Rights: part of the doctor, as root; reads certificates and keys, starts the checkers. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "sys/settings.h"
#include "tls/certificate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS = 30, DAY_S = 24 * 60 * 60, SOON_DAYS = 14, MIGRATE_UNREACHABLE = 3 };

/* --- the database --- */

/* The program that makes the schema knows best whether it stands; it runs as the database's own user, as it does at an
 * upgrade. */
void check_database(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct settings settings;
        const char *said;
        if (settings_read(doctor->arena, doctor_path(doctor, SETTINGS_DIRECTORY), &settings, NULL) < 0)
                return; /* said by check_settings */
        const char *words[] = {"/usr/libexec/bulkhead/bulkhead-migrate", "--check",
                               settings.values[SETTING_DATABASE],        "/usr/share/bulkhead/sql",
                               "/usr/share/bulkhead/grants.sql",         NULL};
        struct tool migrate = {.words = words, .user = "postgres", .seconds = SECONDS};
        int result = tool_run(doctor->arena, &migrate, &said);
        const char *line = first_line(doctor->arena, said);
        const char *again = "systemctl restart bulkhead-database.service";
        if (result == 0)
                found_good(doctor, "database", "has this version's schema and rights");
        else if (result == TOOL_MISSING)
                found_bad(doctor, "database", "apt-get install postgresql",
                          "cannot be looked at: PostgreSQL, its user, or bulkhead-migrate is missing");
        else if (result == TOOL_HUNG)
                found_bad(doctor, "database", "systemctl restart postgresql", "does not answer within 30 seconds");
        else if (result == MIGRATE_UNREACHABLE)
                found_bad(doctor, "database", "systemctl restart postgresql; journalctl -u 'postgresql*' -n 20",
                          "cannot be reached, so changes are refused: %s", line);
        else
                found_bad(doctor, "database", again, "%s", line);
}

/* --- the certificate --- */

static void judge_dates(struct doctor *doctor, const char *path, const struct tls_facts *facts, int64_t now_s)
{
        static const char renew[] = "bulkhead certificate show; bulkhead certificate renew, or install another";
        int64_t left = facts->not_after_s - now_s;
        if (left <= 0)
                found_bad(doctor, path, renew, "has expired on %s: browsers refuse it", facts->not_after);
        else if (facts->not_before_s > now_s)
                found_bad(doctor, path, "see whether the clock is right: timedatectl", "holds only from %s on",
                          facts->not_before);
        else if (left < SOON_DAYS * (int64_t)DAY_S)
                found_warning(doctor, path, renew, "expires in %" PRId64 " days, on %s", left / DAY_S,
                              facts->not_after);
        else
                found_good(doctor, path, "holds until %s", facts->not_after);
}

void certificate_judge(struct doctor *doctor, const char *path, const char *identity, int64_t now_s)
{
        ASSERT(doctor != NULL && path != NULL && identity != NULL);
        static const char anew[] = "bulkhead certificate install or remove; the machine's own is shown meanwhile";
        const char *chain = strstr(identity, "-----BEGIN CERTIFICATE");
        struct failure failure = {0};
        struct tls_facts *facts = arena_alloc(doctor->arena, sizeof(*facts));
        if (chain == NULL) {
                found_bad(doctor, path, anew, "holds no certificate");
                return;
        }
        if (certificate_read(chain, strlen(chain), "chain", facts, &failure) < 0)
                found_bad(doctor, path, anew, "cannot be used: %s", failure.message);
        else if (certificate_identity(chain, strlen(chain), identity, (size_t)(chain - identity), doctor->arena,
                                      &failure) == NULL)
                found_bad(doctor, path, anew, "does not go with its key: %s", failure.message);
        else
                judge_dates(doctor, path, facts, now_s);
}

void check_certificate(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        static const char *const paths[] = {CERTIFICATE_INSTALLED "/" CERTIFICATE_IDENTITY_FILE,
                                            CERTIFICATE_SELF_SIGNED "/" CERTIFICATE_IDENTITY_FILE};
        bool any = false;
        certificate_start();
        for (size_t i = 0; i < ARRAY_SIZE(paths) && !any; i++) {
                const char *identity = doctor_file(doctor, paths[i]);
                if (identity == NULL && errno == ENOENT)
                        continue;
                any = true;
                if (identity == NULL)
                        found_bad(doctor, paths[i], "bulkhead certificate remove", "cannot be read: %s",
                                  strerror(errno));
                else
                        certificate_judge(doctor, paths[i], identity, clock_real_s());
        }
        if (!any)
                found_bad(doctor, paths[1], "systemctl restart bulkhead-api.service, which makes one",
                          "is not there: nothing can be reached by https");
}

/* --- services --- */

/* Their own opinion of their settings. A row is asked when its program is there, and what says that it is wanted. */
#define WANTED "/etc/bulkhead/services/"

static const struct {
        const char *service, *wanted, *settings;
        const char *words[6];
} checkers[] = {
        {"ssh", "/etc/ssh/sshd_config", "/etc/ssh/sshd_config", {"/usr/sbin/sshd", "-t", NULL}},
        {"smb",
         WANTED "smb",
         WANTED "smb.conf",
         {"/usr/bin/testparm", "--suppress-prompt", "/usr/share/bulkhead/smb.conf", NULL}},
        {"sftp",
         WANTED "sftp",
         "/usr/share/bulkhead/sftp.conf",
         {"/usr/sbin/sshd", "-t", "-f", "/usr/share/bulkhead/sftp.conf", NULL}},
        {"rsync",
         WANTED "rsync",
         "/usr/share/bulkhead/rsync.conf",
         {"/usr/sbin/sshd", "-t", "-f", "/usr/share/bulkhead/rsync.conf", NULL}},
        {"webdav",
         WANTED "webdav",
         "/usr/share/bulkhead/webdav-files.conf",
         {"/usr/sbin/sshd", "-t", "-f", "/usr/share/bulkhead/webdav-files.conf", NULL}},
        {"ftp",
         WANTED "ftp",
         WANTED "ftp.conf",
         {"/usr/sbin/proftpd", "--configtest", "--config", "/usr/share/bulkhead/ftp.conf", NULL}},
        {"nftables",
         "/etc/nftables.conf",
         "/etc/nftables.conf",
         {"/usr/sbin/nft", "--check", "--file", "/etc/nftables.conf", NULL}},
        {"sudo", "/etc/sudoers", "/etc/sudoers", {"/usr/sbin/visudo", "--check", "--quiet", NULL}},
        {"nginx", "/etc/nginx/nginx.conf", "/etc/nginx/nginx.conf", {"/usr/sbin/nginx", "-t", "-q", NULL}},
        {"lighttpd",
         "/etc/lighttpd/lighttpd.conf",
         "/etc/lighttpd/lighttpd.conf",
         {"/usr/sbin/lighttpd", "-tt", "-f", "/etc/lighttpd/lighttpd.conf", NULL}},
        {"chrony",
         "/etc/chrony/chrony.conf",
         "/etc/chrony/chrony.conf",
         {"/usr/sbin/chronyd", "-p", "-f", "/etc/chrony/chrony.conf", NULL}},
};

/* Of all that a checker says the line that says what is wrong; NULL: none is known by its words. */
static const char *complaint(struct arena *arena, const char *said)
{
        static const char *const words[] = {"fatal", "nvalid", "rror"};
        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                const char *at = strstr(said, words[i]);
                while (at != NULL && at > said && at[-1] != '\n')
                        at--;
                if (at != NULL)
                        return first_line(arena, at);
        }
        return NULL;
}

void checker_judge(struct doctor *doctor, const char *service, const char *settings, int result, const char *said)
{
        ASSERT(doctor != NULL && service != NULL && settings != NULL && said != NULL);
        const char *wrong = complaint(doctor->arena, said);
        /* ProFTPD leaves a file out that it cannot read, with all that is asked for in it, and is content. */
        if (result == 0 && strstr(said, "fatal: ") == NULL) {
                found_good(doctor, service, "finds its settings right");
                return;
        }
        found_bad(doctor, service, arena_printf(doctor->arena, "correct %s", settings), "finds its settings wrong: %s",
                  wrong != NULL ? wrong : first_line(doctor->arena, said));
}

void check_services(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        for (size_t i = 0; i < ARRAY_SIZE(checkers); i++) {
                struct tool checker = {.words = checkers[i].words, .seconds = SECONDS};
                const char *said;
                if (access(doctor_path(doctor, checkers[i].wanted), F_OK) < 0)
                        continue;
                int result = tool_run(doctor->arena, &checker, &said);
                if (result != TOOL_MISSING)
                        checker_judge(doctor, checkers[i].service, checkers[i].settings, result, said);
        }
}
