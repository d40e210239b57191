/* Certificates that come by themselves: ordering one is changing a file, which systemd watches; what was fetched lies
 * in a folder of who fetched it and is taken from there, while a person's settings say so.
 * Rights: the network hand; runs nothing and reaches no network itself. */
#include "daemons/network/hand/network.h"

#include <stdio.h>
#include <sys/stat.h>

#define SETTINGS_FILE "settings"
#define ORDER_FILE    "order"
enum { CALM_S = 10 };

int acme_is_wanted(struct act_context *context, struct failure *failure)
{
        const struct network *network = context->state;
        struct stat status;
        if (fstatat(network->acme, SETTINGS_FILE, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_size > 0)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "", "Enrol first.", "No certificates are to be fetched.");
}

/* Nobody is behind this but the clerk: were it taken over, an authority is still not flooded. */
int acme_is_calm(struct act_context *context, struct failure *failure)
{
        const struct network *network = context->state;
        struct stat status;
        if (acme_is_wanted(context, failure) != 0)
                return -1;
        if (fstatat(network->acme, ORDER_FILE, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return 0;
        int64_t age_s = clock_real_s() - (int64_t)status.st_mtim.tv_sec;
        if (age_s < 0 || age_s >= CALM_S) /* a clock that was set back must not stop it for long */
                return 0;
        return failure_set(failure, FAILURE_BUSY, "", "", "One was ordered a moment ago.");
}

int acme_order(struct act_context *context, struct failure *failure)
{
        const struct network *network = context->state;
        char text[32];
        int length = snprintf(text, sizeof(text), "%lld\n", (long long)clock_real_us());
        return failure_system(failure, FAILURE_FAILED, ORDER_FILE,
                              file_put(network->acme, ORDER_FILE, text, (size_t)length, 0644));
}

int acme_take(struct act_context *context, struct failure *failure)
{
        const struct network *network = context->state;
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(network->out, "identity.pem", IDENTITY_MAX, &bytes, &length);
        if (failure_system(failure, FAILURE_FAILED, OUT_DIRECTORY, result) != 0)
                return -1;
        result = value_check(&value_pem_identity, "identity", (const char *)bytes, length, failure);
        if (result == 0)
                result = identity_is_that(context, (const char *)bytes, failure);
        if (result == 0)
                result = identity_publish(context, (const char *)bytes, failure);
        crypto_wipe(bytes, length);
        free(bytes);
        return result;
}
