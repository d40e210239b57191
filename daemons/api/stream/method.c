/* Which methods can be reached over the stream: those with a route, but for what only a browser's cookies can carry.
 * Rights: the front end; memory only. */
#include "daemons/api/stream/stream.h"

#include "base/log.h"

const struct api_method *stream_method(const char *name, bool watch, struct failure *failure)
{
        ASSERT(name != NULL);
        const struct api_method *method = api_method_find(name);
        const char *field = watch ? "watch" : "call";

        if (method == NULL || method->path == NULL) {
                failure_set(failure, FAILURE_NOT_FOUND, field, "See /api/docs.", "There is no such method.");
                return NULL;
        }
        if (idl_http_has_cookie(method->method->type) || idl_http_has_cookie(method->method->reply)) {
                failure_set(failure, FAILURE_INVALID, field, "Use its route.", "This goes over HTTP only: cookies.");
                return NULL;
        }
        if (watch && (!method->more || method->changes)) {
                failure_set(failure, FAILURE_INVALID, field, "Call it.", "This cannot be watched.");
                return NULL;
        }
        return method;
}
