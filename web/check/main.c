/* view-check: do all views name only what there is?
 *
 *     view-check WEB CONTRACT...      WEB/views/NAME.json, WEB/texts/LANGUAGE.json, WEB/src/icons.json
 *
 * Says each fault with its file and place. A view that comes with a module is checked in the same way.
 * Rights: the build machine's; reads the files named, writes nothing. */
#include "base/log.h"
#include "base/mem.h"
#include "web/check/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *read_file(struct arena *arena, const char *path, size_t *ret_length)
{
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return NULL;
        char *bytes = arena_alloc(arena, IDL_BYTES_MAX + 2);
        *ret_length = fread(bytes, 1, IDL_BYTES_MAX + 1, file);
        bool bad = ferror(file) != 0 || *ret_length > IDL_BYTES_MAX;
        fclose(file);
        return bad ? NULL : bytes;
}

static const struct json *read_json(struct arena *arena, const char *path)
{
        struct failure failure = {0};
        size_t length;
        const char *text = read_file(arena, path, &length);
        const struct json *json = text != NULL ? json_parse_in(arena, text, length, &failure) : NULL;

        if (json == NULL || json_type_of(json) != JSON_OBJECT) {
                fprintf(stderr, "%s: %s\n", path,
                        text == NULL   ? strerror(errno)
                        : json == NULL ? failure.message
                                       : "expected an object");
                return NULL;
        }
        return json;
}

static int read_contracts(struct checker *checker, char **paths, size_t count)
{
        const struct idl_contract **list = arena_array(checker->arena, count, sizeof(*list));
        char message[256] = "cannot be read";

        for (size_t i = 0; i < count; i++) {
                size_t length;
                const char *text = read_file(checker->arena, paths[i], &length);
                list[i] = text != NULL ? idl_parse(checker->arena, paths[i], text, length, message) : NULL;
                if (list[i] == NULL) {
                        fprintf(stderr, "%s: %s\n", paths[i], message);
                        return -1;
                }
        }
        checker->contracts = list;
        checker->contract_count = count;
        if (idl_check(list, count, message) == 0)
                return 0;
        fprintf(stderr, "%s\n", message);
        return -1;
}

typedef int take(struct checker *checker, const char *path, const char *name);

static int take_view(struct checker *checker, const char *path, const char *name)
{
        const struct json *json = checker->view_count < VIEWS_MAX ? read_json(checker->arena, path) : NULL;
        const struct json *own = json != NULL ? json_member(json, "view") : NULL;

        if (json == NULL)
                return -1;
        checker->views[checker->view_count++] =
                (struct view){path, json_type_of(own) == JSON_TEXT ? json_text(own, NULL) : name, json};
        return 0;
}

static int take_language(struct checker *checker, const char *path, const char *name)
{
        const struct json *json = checker->language_count < LANGUAGES_MAX ? read_json(checker->arena, path) : NULL;
        size_t at = checker->language_count;

        if (json == NULL)
                return -1;
        checker->languages[at] = (struct language){path, json_member(json, "texts"), json_member(json, "contract")};
        if (json_type_of(checker->languages[at].texts) != JSON_OBJECT ||
            json_type_of(checker->languages[at].contract) != JSON_OBJECT) {
                fprintf(stderr, "%s: expected {\"texts\": {...}, \"contract\": {...}}\n", path);
                return -1;
        }
        checker->language_count++;
        if (strcmp(name, "en.json") == 0 && at > 0) { /* all others are held to it */
                struct language english = checker->languages[at];
                checker->languages[at] = checker->languages[0];
                checker->languages[0] = english;
        }
        return 0;
}

static int each_file(struct checker *checker, const char *folder, take *taken)
{
        struct dirent **entries;
        int count = scandir(folder, &entries, NULL, alphasort), result = count < 0 ? -1 : 0;

        if (count < 0)
                fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        for (int i = 0; i < count; i++) {
                const char *name = arena_text(checker->arena, entries[i]->d_name, strlen(entries[i]->d_name));
                size_t length = strlen(name);
                free(entries[i]);
                if (length > 5 && strcmp(name + length - 5, ".json") == 0 &&
                    taken(checker, arena_printf(checker->arena, "%s/%s", folder, name), name) < 0)
                        result = -1;
        }
        if (count >= 0)
                free(entries);
        return result;
}

int main(int argc, char **argv)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct checker *checker = arena_alloc(arena, sizeof(*checker));

        checker->whole = argc > 1 && strcmp(argv[1], "--whole") == 0;
        argc -= checker->whole;
        argv += checker->whole;
        if (argc < 3) {
                fprintf(stderr, "usage: view-check [--whole] WEB CONTRACT...\n");
                return 2;
        }
        checker->arena = arena;
        checker->out = stderr;
        checker->icons = read_json(arena, arena_printf(arena, "%s/src/icons.json", argv[1]));
        if (checker->icons == NULL || read_contracts(checker, argv + 2, (size_t)argc - 2) < 0 ||
            each_file(checker, arena_printf(arena, "%s/views", argv[1]), take_view) < 0 ||
            each_file(checker, arena_printf(arena, "%s/texts", argv[1]), take_language) < 0)
                return 1;
        return check_all(checker) > 0 ? 1 : 0;
}
