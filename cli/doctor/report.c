/* What was found: kept, counted, and shown for people or as JSON.
 * Rights: part of the doctor; writes to standard output. */
#include "cli/doctor/doctor.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 256 * 1024 };

static const struct {
        const char *word, *shown, *colour;
} states[FOUND_STATES] = {
        [FOUND_GOOD] = {"good", "good   ", "\033[32m"},
        [FOUND_WARNING] = {"warning", "warning", "\033[33m"},
        [FOUND_BAD] = {"wrong", "WRONG  ", "\033[31m"},
        [FOUND_UNKNOWN] = {"unknown", "UNKNOWN", "\033[31m"},
};

/* What comes from files and programs may hold anything; here it becomes one harmless line. */
static const char *safe(struct arena *arena, const char *text)
{
        size_t size = 4 * strlen(text) + 1;
        char *line = arena_alloc(arena, size);
        text_escape(text, strlen(text), line, size);
        return line;
}

static void keep(struct doctor *doctor, const struct finding *finding)
{
        if (doctor->count == doctor->room) {
                size_t room = doctor->room == 0 ? 64 : 2 * doctor->room;
                struct finding *grown = arena_array(doctor->arena, room, sizeof(*grown));
                if (doctor->count > 0)
                        memcpy(grown, doctor->list, doctor->count * sizeof(*grown));
                doctor->list = grown;
                doctor->room = room;
        }
        struct finding *place = (struct finding *)(uintptr_t)&doctor->list[doctor->count++];
        *place = (struct finding){.state = finding->state,
                                  .check = doctor->check != NULL ? doctor->check : "",
                                  .object = safe(doctor->arena, finding->object),
                                  .message = safe(doctor->arena, finding->message),
                                  .next = safe(doctor->arena, finding->next)};
}

#define KEEP(what, next_step)                                                                                          \
        do {                                                                                                           \
                va_list args;                                                                                          \
                va_start(args, format);                                                                                \
                keep(doctor, &(struct finding){.state = (what),                                                        \
                                               .object = object,                                                       \
                                               .message = arena_vprintf(doctor->arena, format, args),                  \
                                               .next = (next_step)});                                                  \
                va_end(args);                                                                                          \
        } while (0)

void found_good(struct doctor *doctor, const char *object, const char *format, ...)
{
        KEEP(FOUND_GOOD, "");
}

void found_warning(struct doctor *doctor, const char *object, const char *next, const char *format, ...)
{
        KEEP(FOUND_WARNING, next);
}

void found_bad(struct doctor *doctor, const char *object, const char *next, const char *format, ...)
{
        KEEP(FOUND_BAD, next);
}

void found_unknown(struct doctor *doctor, const char *object, const char *next, const char *format, ...)
{
        KEEP(FOUND_UNKNOWN, next);
}

size_t found_count(const struct doctor *doctor, enum found_state state)
{
        ASSERT(doctor != NULL);
        size_t count = 0;
        for (size_t i = 0; i < doctor->count; i++)
                count += doctor->list[i].state == state;
        return count;
}

void report_text(FILE *out, const struct doctor *doctor, bool all, bool colours)
{
        ASSERT(out != NULL && doctor != NULL);
        for (size_t i = 0; i < doctor->count; i++) {
                const struct finding *f = &doctor->list[i];
                if (f->state == FOUND_GOOD && !all)
                        continue;
                fprintf(out, "%s%s%s  %-11s  %s%s%s%s%s\n", colours ? states[f->state].colour : "",
                        states[f->state].shown, colours ? "\033[0m" : "", f->check, f->object,
                        *f->object != '\0' ? " " : "", f->message, *f->next != '\0' ? "; do: " : "", f->next);
        }
        size_t bad = found_count(doctor, FOUND_BAD) + found_count(doctor, FOUND_UNKNOWN);
        size_t warnings = found_count(doctor, FOUND_WARNING);
        if (bad + warnings == 0)
                fprintf(out, "All is well: %zu things were looked at.\n", doctor->count);
        else
                fprintf(out, "%zu things were looked at: %zu wrong, %zu to keep an eye on.\n", doctor->count, bad,
                        warnings);
}

void report_json(FILE *out, const struct doctor *doctor)
{
        ASSERT(out != NULL && doctor != NULL);
        struct json_out *json CLEANUP(json_out_freep) = json_out_new();
        json_out_object(json);
        json_out_key(json, "good");
        json_out_boolean(json, found_count(doctor, FOUND_BAD) + found_count(doctor, FOUND_UNKNOWN) == 0);
        json_out_key(json, "findings");
        json_out_array(json);
        for (size_t i = 0; i < doctor->count; i++) {
                const struct finding *f = &doctor->list[i];
                const char *const members[][2] = {{"check", f->check},
                                                  {"state", states[f->state].word},
                                                  {"object", f->object},
                                                  {"message", f->message},
                                                  {"next", f->next}};
                json_out_object(json);
                for (size_t m = 0; m < ARRAY_SIZE(members); m++) {
                        json_out_key(json, members[m][0]);
                        json_out_text(json, members[m][1]);
                }
                json_out_object_end(json);
        }
        json_out_array_end(json);
        json_out_object_end(json);
        fprintf(out, "%s\n", json_out_bytes(json, NULL));
}

const char *doctor_path(const struct doctor *doctor, const char *path)
{
        ASSERT(doctor != NULL && path != NULL);
        return arena_printf(doctor->arena, "%s%s", doctor->root, path);
}

const char *doctor_file(const struct doctor *doctor, const char *path)
{
        ASSERT(doctor != NULL && path != NULL);
        int fd = open(doctor_path(doctor, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        char *text = arena_alloc(doctor->arena, FILE_BYTES_MAX + 1);
        size_t length = 0;
        ssize_t got = fd < 0 ? -1 : 1;
        while (got > 0 && length < FILE_BYTES_MAX) {
                got = read(fd, text + length, FILE_BYTES_MAX - length);
                length += got > 0 ? (size_t)got : 0;
        }
        int error = errno;
        if (fd >= 0)
                close(fd);
        errno = error;
        return got < 0 ? NULL : arena_text(doctor->arena, text, length);
}

const char *first_line(struct arena *arena, const char *said)
{
        ASSERT(arena != NULL && said != NULL);
        said += strspn(said, " \t\n");
        return arena_text(arena, said, strcspn(said, "\n"));
}
