/* Loaded into Samba's server, between it and winbind, which asks the domain. Samba asks winbind for everybody who signs
 * in without naming this machine, and believes its answer: an account of the domain would take the place of one of ours
 * that has the same name, and with no controller to be reached nobody would get in. So winbind is asked only for who
 * names the domain (EXAMPLE\alice, alice@example.org); of all others it knows nothing, and Samba looks them up here.
 * Rights: those of smbd; looks at two names and touches nothing. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <wbclient.h>

typedef wbcErr authenticate(const struct wbcAuthUserParams *params, struct wbcAuthUserInfo **info,
                            struct wbcAuthErrorInfo **error);
typedef const char *setting(void);
typedef void *allocate(size_t count, size_t size, void (*destructor)(void *));
enum { NO_SUCH_USER = (int)0xC0000064 };

/* Names of Samba's libraries, which not every tool of its has loaded; a tool that has not never comes here. */
static bool is(const char *which, const char *name)
{
        setting *says = (setting *)dlsym(RTLD_DEFAULT, which);
        const char *text = says ? says() : NULL;
        return text && name && *text != '\0' && strcasecmp(text, name) == 0;
}

wbcErr wbcAuthenticateUserEx(const struct wbcAuthUserParams *params, struct wbcAuthUserInfo **info,
                             struct wbcAuthErrorInfo **error)
{
        authenticate *asks = (authenticate *)dlsym(RTLD_NEXT, "wbcAuthenticateUserEx");
        allocate *takes = (allocate *)dlsym(RTLD_DEFAULT, "wbcAllocateMemory");
        if (!asks || !takes || !params || !params->account_name)
                return WBC_ERR_UNKNOWN_FAILURE;
        if (strchr(params->account_name, '@') || is("lp_workgroup", params->domain_name) ||
            is("lp_realm", params->domain_name))
                return asks(params, info, error);
        struct wbcAuthErrorInfo *none = error ? takes(1, sizeof(*none), NULL) : NULL;
        if (!none)
                return WBC_ERR_NO_MEMORY;
        none->nt_status = (uint32_t)NO_SUCH_USER;
        none->authoritative = 0; /* somebody else may know them */
        *error = none;
        return WBC_ERR_AUTH_ERROR;
}
