/* Cookies: what the contract marks with @cookie travels in one, named after its field. The session's is read by the
 * front end itself and has a companion that scripts of our pages can read: the CSRF token.
 * Rights: the front end; memory only. Their values are credentials and are kept nowhere. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define KEPT    "; Path=/; Secure; SameSite=Strict; Max-Age=34560000; HttpOnly" /* for what outlives the browser */
#define HELD    "; Path=/; Secure; SameSite=Strict; HttpOnly"
#define SHOWN   "; Path=/; Secure; SameSite=Strict" /* scripts of our pages may read it */
#define CLEARED "; Path=/; Secure; SameSite=Strict; Max-Age=0"

static void put(struct exchange *exchange, const char *name, const char *value, const char *how)
{
        exchange_field(exchange, "Set-Cookie",
                       arena_printf(exchange_arena(exchange), IDL_COOKIE_PREFIX "%s=%s%s", name, value, how));
}

void cookies_clear_session(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        put(exchange, "session", "", CLEARED "; HttpOnly");
        put(exchange, "csrf", "", CLEARED);
}

/* What a cookie can carry as it is. */
static bool is_plain(const char *text)
{
        return *text != '\0' &&
               strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~=+/") == strlen(text);
}

static void set_session(struct exchange *exchange, const char *value)
{
        char csrf[CSRF_SIZE];

        csrf_of((struct http_text){value, strlen(value)}, csrf);
        put(exchange, "session", value, HELD);
        put(exchange, "csrf", csrf, SHOWN);
}

void cookies_set(struct exchange *exchange, const struct idl_member *method, const struct json *reply)
{
        ASSERT(exchange != NULL && method != NULL);
        for (const struct idl_field *f = method->reply->fields; f != NULL; f = f->next) {
                if (f->said.notes[IDL_COOKIE] == NULL)
                        continue;
                const struct json *value = json_type_of(reply) == JSON_OBJECT ? json_member(reply, f->name) : NULL;
                const char *text = json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
                bool session = strcmp(f->name, "session") == 0;
                if (session && is_plain(text))
                        set_session(exchange, text);
                else if (session)
                        cookies_clear_session(exchange);
                else if (is_plain(text))
                        put(exchange, f->name, text, KEPT);
                else
                        put(exchange, f->name, "", CLEARED "; HttpOnly");
        }
}
