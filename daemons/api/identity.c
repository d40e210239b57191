/* The certificate: the one that was installed, else one of our own, made at the first start. Looked at again
 * when its folder changes, so that a new one is shown without a restart; who is connected keeps the old one.
 * Rights: the front end; reads both folders, writes its own once, before its fences. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

static struct {
        int installed, own;         /* folders; -1: not there */
        struct tls_identity *first; /* until there is a server that takes it */
        struct timespec changed;    /* of the installed file, as it was read or refused; 0: there was none */
        ino_t inode;
} shown = {.installed = -1, .own = -1};

static int open_folder(const char *path)
{
        return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Has the installed one changed since it was read? Notes how it is now. */
static bool is_new(void)
{
        struct stat facts = {0};

        if (shown.installed < 0)
                return false;
        if (fstatat(shown.installed, CERTIFICATE_IDENTITY_FILE, &facts, AT_SYMLINK_NOFOLLOW) != 0)
                facts = (struct stat){0};
        bool same = facts.st_ino == shown.inode && facts.st_mtim.tv_sec == shown.changed.tv_sec &&
                    facts.st_mtim.tv_nsec == shown.changed.tv_nsec;
        shown.inode = facts.st_ino;
        shown.changed = facts.st_mtim;
        return !same;
}

static struct tls_identity *read_installed(void)
{
        struct failure failure = {0};
        struct tls_identity *identity = shown.inode != 0 ? tls_identity_read(shown.installed, &failure) : NULL;

        if (identity == NULL && shown.inode != 0)
                log_warn("the installed certificate is of no use: %s", failure.message);
        return identity;
}

static struct tls_identity *read_own(struct failure *failure)
{
        return shown.own < 0 ? NULL : tls_identity_read(shown.own, failure);
}

/* Names under which a machine at home is reached before anything is set. */
static int make_own(struct failure *failure)
{
        const char *name = api.settings.name, *names[3] = {"localhost"};
        unsigned count = 1;

        if (name != NULL && *name != '\0' && strcmp(name, "localhost") != 0) {
                names[count++] = name;
                if (strchr(name, '.') == NULL)
                        names[count++] = arena_printf(api.arena, "%s.local", name);
        }
        log_info("makes a certificate of its own");
        return tls_identity_make(shown.own, names, count, failure);
}

int identity_prepare(const struct folders *folders, struct failure *failure)
{
        ASSERT(folders != NULL && api.arena != NULL);
        int error = folders_add(folders, CERTIFICATE_INSTALLED,
                                IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB);

        if (error != 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, CERTIFICATE_INSTALLED, error);
        shown.installed = open_folder(CERTIFICATE_INSTALLED);
        shown.own = open_folder(CERTIFICATE_SELF_SIGNED);
        is_new();
        shown.first = read_installed();
        if (shown.first == NULL)
                shown.first = read_own(NULL);
        if (shown.first == NULL) {
                if (shown.own < 0)
                        return failure_system(failure, FAILURE_UNAVAILABLE, CERTIFICATE_SELF_SIGNED, -errno);
                if (make_own(failure) != 0)
                        return -1;
                shown.first = read_own(failure);
        }
        return shown.first == NULL ? -1 : 0;
}

static void show(struct tls_identity *identity)
{
        const struct tls_facts *facts = tls_identity_facts(identity);

        log_info("shows the certificate of %s, until %s%s", facts->subject, facts->not_after,
                 facts->self_signed ? ", signed by itself" : "");
        http_server_identity(api.server, identity);
        api.certificate = facts;
}

void identity_show(void)
{
        ASSERT(api.server != NULL && shown.first != NULL);
        show(TAKE(shown.first));
}

void identity_look(void)
{
        if (!is_new())
                return;
        struct tls_identity *identity = read_installed();
        if (identity == NULL && shown.inode == 0) /* it was taken away */
                identity = read_own(NULL);
        if (identity != NULL)
                show(identity);
}
