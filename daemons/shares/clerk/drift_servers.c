/* The servers' own files beside what we would write: a line of somebody else's is shown, and not written over.
 * Rights: the shares clerk; reads the hand's files. */
#include "daemons/shares/clerk/directory.h"
#include "daemons/shares/clerk/domain.h"
#include "daemons/shares/clerk/drift.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

static const char *joined(const char *const *lines, size_t count, struct arena *arena)
{
        const char *text = "";
        for (size_t i = 0; i < count; i++)
                text = arena_printf(arena, "%s%s\n", text, lines[i]);
        return text;
}

static const char *smb_wanted(const char *text, struct arena *arena)
{
        const char *lines[SMB_LINES_MAX];
        const struct nas_shares_smb_server server =
                smb_server_read(text ? arena_text(arena, text, strlen(text)) : NULL);
        return joined(lines, smb_server_lines(&server, arena, lines), arena);
}

static const char *ftp_wanted(const char *text, struct arena *arena)
{
        const char *lines[FTP_LINES];
        const struct nas_shares_ftp_server server = ftp_server_read(text);
        ftp_server_lines(&server, arena, lines);
        return joined(lines, FTP_LINES, arena);
}

/* --- the NFS server's is a list of the exports that are turned on --- */

#define INCLUDE "%include \"" NFS_FOLDER "/"

static long number_of(const char *file)
{
        const char *dot = strchr(file, '.');
        return dot && strcmp(dot, ".on") == 0 && value_is(&value_nfs_number, file, (size_t)(dot - file))
                       ? strtol(file, NULL, 10)
                       : 0;
}

static int by_size(const void *a, const void *b)
{
        const long *left = a, *right = b;
        return (*left > *right) - (*left < *right);
}

static const char *nfs_wanted(const char *text, struct arena *arena)
{
        (void)text;
        const struct kept *kept = nfs_kept();
        long *numbers = arena_array(arena, kept->file_count + 1, sizeof(*numbers));
        const char **lines = arena_array(arena, kept->file_count + 1, sizeof(*lines));
        size_t count = 0;
        for (size_t i = 0; i < kept->file_count; i++)
                if ((numbers[count] = number_of(kept->files[i].name)) != 0)
                        count++;
        qsort(numbers, count, sizeof(*numbers), by_size);
        for (size_t i = 0; i < count; i++)
                lines[i] = arena_printf(arena, "%s%ld.on\"", INCLUDE, numbers[i]);
        return joined(lines, count, arena);
}

static const char *audit_wanted(const char *text, struct arena *arena)
{
        const struct audit_rules rules = audit_rules_read(text);
        return audit_rules_text(&rules, arena);
}

/* "" when there is none, and when it is not known any more which one was meant. */
static const char *domain_wanted(const char *text, struct arena *arena)
{
        (void)text;
        const char *lines[DOMAIN_LINES];
        const struct domain domain = domain_meant(arena);
        if (!domain.realm)
                return "";
        domain_lines(&domain, arena, lines);
        return joined(lines, DOMAIN_LINES, arena);
}

/* "" when no line of it says which it is. */
static const char *directory_wanted(const char *text, struct arena *arena)
{
        const struct directory directory = directory_read(text ? arena_text(arena, text, strlen(text)) : NULL);
        return directory.server_count > 0 ? directory_text(&directory, arena) : "";
}

/* --- all of them --- */

static const struct server_file {
        const char *service;
        const char *file;
        bool needed; /* the server does not start without it */
        const char *(*wanted)(const char *text, struct arena *arena);
} files[SERVER_FILES] = {
        {"smb", "smb.conf", false, smb_wanted},        {"ftp", "ftp.conf", true, ftp_wanted},
        {"nfs", "nfs.conf", true, nfs_wanted},         {"audit", "audit.conf", false, audit_wanted},
        {"domain", DOMAIN_FILE, false, domain_wanted}, {"directory", DIRECTORY_FILE, false, directory_wanted},
};

bool server_drifts(size_t index, struct arena *arena, struct server_drift *ret_drift)
{
        ASSERT(index < SERVER_FILES && arena && ret_drift);
        const struct server_file *file = &files[index];
        const char *text = service_file(file->file, arena);
        *ret_drift = (struct server_drift){
                .service = file->service, .wanted = file->wanted(text, arena), .found = text ? text : ""};
        const bool outside = file->wanted == domain_wanted || file->wanted == directory_wanted;
        ret_drift->known = !outside || *ret_drift->wanted != '\0';
        return text ? strcmp(text, ret_drift->wanted) != 0 : file->needed || (outside && ret_drift->known);
}

static int plan_file(struct plan *plan, const char *service, struct failure *failure)
{
        const char *lines[SMB_LINES_MAX];
        if (strcmp(service, "nfs") == 0)
                return plan_step(plan, failure, SHARES_NFS_LIST, NULL);
        if (strcmp(service, "smb") == 0) {
                const size_t count = smb_server_lines(smb_server(), plan->arena, lines);
                return plan_step_values(plan, failure, SHARES_SMB_SERVER, lines, count);
        }
        const struct nas_shares_ftp_server server = ftp_server_read(service_file("ftp.conf", plan->arena));
        ftp_server_lines(&server, plan->arena, lines);
        return plan_step_values(plan, failure, SHARES_FTP_SERVER, lines, FTP_LINES);
}

int server_plan_restore(struct plan *plan, const char *service, struct failure *failure)
{
        ASSERT(plan && service && failure);
        if (strcmp(service, "audit") == 0) {
                const struct audit_rules rules = audit_rules(plan->arena);
                return audit_plan_keep(plan, &rules, failure);
        }
        if (strcmp(service, "domain") == 0)
                return domain_plan_restore(plan, failure);
        if (strcmp(service, "directory") == 0)
                return directory_plan_restore(plan, failure);
        if (plan_file(plan, service, failure) != 0)
                return -1;
        return service_runs(service) ? plan_step(plan, failure, SHARES_SERVICE_RELOAD, service, NULL) : 0;
}

/* The list of exports is made of their files, one of which may just have come or gone: only what none of them would
 * put there would be lost. */
static bool is_ours(const char *text)
{
        for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
                const size_t length = strcspn(at, "\n"), head = strlen(INCLUDE), tail = strlen(".on\"");
                if (length <= head + tail || strncmp(at, INCLUDE, head) != 0 ||
                    strncmp(at + length - tail, ".on\"", tail) != 0 ||
                    !value_is(&value_nfs_number, at + head, length - head - tail))
                        return false;
        }
        return true;
}

int drift_refuse_server(const char *service, struct failure *failure)
{
        ASSERT(service && failure);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct server_drift drift;
        bool lost = false;
        for (size_t i = 0; i < SERVER_FILES; i++)
                if (server_drifts(i, arena, &drift) && strcmp(drift.service, service) == 0)
                        lost = strcmp(service, "nfs") == 0 ? !is_ours(drift.found) : *drift.found != '\0';
        return drift_refuse_when(lost, "server", service, failure);
}
