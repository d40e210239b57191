/* What follows in the tables from each step that was carried out. Told by the step alone, so that a change resumed
 * after a crash settles the same.
 * Rights: the users clerk; adds statements to a transaction. */
#include "daemons/users/clerk/tables.h"

#include "policy/users_operations.h"
#include "serve/clerk.h"

static const char *value(const struct action *action, size_t place)
{
        return place < action->count ? action->values[place].text : "";
}

static void add(struct db_batch *batch, enum users_statement statement, const char *first, const char *second)
{
        users_add(batch, statement, (const char *[]){first, second});
}

static void settle_account(struct db_batch *batch, const struct action *action)
{
        const char *name = value(action, 0), *uid = value(action, 1);
        switch (action->operation) {
        case USERS_GROUP_MAKE:
                add(batch, GROUP_MADE, uid, name);
                break;
        case USERS_ACCOUNT_MAKE:
                add(batch, ACCOUNT_MADE, uid, name);
                break;
        case USERS_GROUP_DROP:
        case USERS_ACCOUNT_DROP:
                add(batch, NUMBER_GONE, uid, NULL);
                break;
        case USERS_TOTP_FINISH:
                add(batch, TOTP_IS, uid, "true");
                break;
        case USERS_TOTP_DROP:
                add(batch, TOTP_IS, uid, "false");
                break;
        default:
                break;
        }
}

static void settle_credentials(struct db_batch *batch, const struct action *action)
{
        const char *uid = value(action, 1);
        switch (action->operation) {
        case USERS_SIGN_OUT:
                add(batch, SESSIONS_ENDED, uid, NULL);
                break;
        case USERS_SIGN_OUT_ALL:
                users_add(batch, SESSIONS_ALL_ENDED, NULL);
                break;
        case USERS_SESSION_END:
                add(batch, SESSION_ENDED, value(action, 1), NULL);
                break;
        case USERS_KEY_MAKE:
                add(batch, KEY_MADE, value(action, 2), uid);
                break;
        case USERS_KEY_LABEL:
                add(batch, KEY_LABEL, value(action, 2), value(action, 3));
                break;
        case USERS_KEY_DROP:
                add(batch, KEY_REVOKED, value(action, 2), NULL);
                break;
        case USERS_CREDENTIALS_DROP:
                add(batch, SESSIONS_ENDED, uid, NULL);
                add(batch, KEYS_REVOKED, uid, NULL);
                add(batch, TOTP_IS, uid, "false");
                break;
        default:
                break;
        }
}

void users_settle(struct db_batch *batch, const struct action *action)
{
        settle_account(batch, action);
        settle_credentials(batch, action);
}
