/* The lines: one to each daemon that a contract names. Connections come with the first call and again when they are
 * lost.
 * Rights: the front end; the sockets of the daemons. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "wire/wire.h"

void api_lines_open(void)
{
        ASSERT(api.loop != NULL && api.arena != NULL);
        /* A watch holds a connection; clerks take as many of the front end's. */
        const struct wire_line_limits limits = {.connections_max = WIRE_FRONT_WATCHES_MAX + WIRE_FRONT_CALLS_MAX,
                                                .timeout_ms = api.settings.answer_s * 1000};

        for (size_t i = 0; i < api.line_count; i++) {
                const char *path = arena_printf(api.arena, "%s/%s.sock", api.settings.sockets, api.lines[i].name);
                api.lines[i].line = wire_line_new(api.loop, path, &limits);
        }
}

void api_lines_close(void)
{
        for (size_t i = 0; i < api.line_count; i++)
                wire_line_free(api.lines[i].line);
        api.line_count = 0;
}
