/* The shares clerk as its skeleton sees it: what it serves and when its parts are told.
 * Rights: policy/shares_clerk.c. */
#include "daemons/shares/clerk/shares.h"

#include "base/mem.h"
#include "policy/policies.h"

struct topics topics;

static void start(void)
{
        topics = (struct topics){.smb_shares = topic_new("smb_shares", smb_shares_write, NULL),
                                 .smb_share = topic_new("smb_share", smb_share_write, NULL),
                                 .smb_server = topic_new("smb_server", smb_server_write, NULL),
                                 .ftp_server = topic_new("ftp_server", ftp_server_write, NULL),
                                 .services = topic_new("services", services_write, NULL),
                                 .service = topic_new("service", service_write, NULL),
                                 .nfs_exports = topic_new("nfs_exports", nfs_exports_write, NULL),
                                 .nfs_export = topic_new("nfs_export", nfs_export_write, NULL),
                                 .transfers = topic_new("transfers", transfers_write, NULL),
                                 .transfer = topic_new("transfer", transfer_write, NULL)};
        live_watch();
}

void shares_run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        if (result == 0) {
                change_run(clerk.changes, call, change);
                return;
        }
        changes_refuse(clerk.changes, call, failure);
        change_free(change);
}

struct change *shares_change(const char *kind, const char *name)
{
        struct change *change = change_new(clerk.changes);
        change->object = arena_printf(change->arena, "%s %s", kind, name);
        return change;
}

static const struct wire_interface *const interfaces[] = {&nas_shares_interface, NULL};

/* Nothing but what every clerk has: what is offered stands in files. */
static const struct db_statement statements[] = {CHANGE_STATEMENTS("shares")};

struct clerk shares_clerk(void)
{
        return (struct clerk){.policy = &policy_shares_clerk,
                              .interfaces = interfaces,
                              .operations = &shares_operations,
                              .chain = "shares",
                              .statements = statements,
                              .statement_count = ARRAY_SIZE(statements),
                              .acted = live_acted,
                              .prepare = live_prepare,
                              .start = start};
}
