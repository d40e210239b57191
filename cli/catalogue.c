/* The commands of all contracts installed on this machine, read at run time: a module that brings a contract brings its
 * commands.
 * Rights: the command line, as whoever runs it; reads the contracts' directory. */
#include "cli/catalogue.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/modules.h"
#include "value/value.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct idl_contract *load(struct arena *arena, const char *path, char message[256])
{
        FILE *file = fopen(path, "re");
        char *text = arena_alloc(arena, IDL_BYTES_MAX + 2);

        if (file == NULL) {
                snprintf(message, 256, "%.180s: %s", path, strerror(errno));
                return NULL;
        }
        size_t length = fread(text, 1, IDL_BYTES_MAX + 1, file);
        fclose(file);
        return idl_parse(arena, path, text, length, message);
}

static int is_contract(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);
        return length > 8 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 8, ".varlink") == 0;
}

/* Those of enabled modules. One that is wrong is left out: its clerk says why (bulkhead module list). */
static size_t load_modules(struct arena *arena, const struct idl_contract **list, size_t own)
{
        const char *const *names = modules_in(arena, MODULES_ENABLED);
        size_t count = 0;

        for (; *names != NULL; names++) {
                const char *folder, *file = module_contract(arena, *names);
                char message[256];
                CLEANUP_FD int directory = module_open(arena, *names, &folder);
                const struct idl_contract *contract =
                        directory < 0 ? NULL : load(arena, arena_printf(arena, "%s/%s", folder, file), message);
                if (contract != NULL && idl_check(&contract, 1, message) == 0 &&
                    idl_check_module(contract, *names, message) == 0 &&
                    idl_check_beside(contract, list, own, message) == 0)
                        list[own + count++] = contract;
        }
        return count;
}

static int load_all(struct catalogue *catalogue, const char *directory, char message[256])
{
        struct dirent **entries;
        int count = scandir(directory, &entries, is_contract, alphasort);

        if (count <= 0) {
                snprintf(message, 256, "no contracts in %.180s: %s", directory,
                         count < 0 ? strerror(errno) : "it is empty");
                return -1;
        }
        const struct idl_contract **list = arena_array(catalogue->arena, (size_t)count + MODULES_MAX, sizeof(*list));
        int result = 0;
        for (int i = 0; i < count; i++) {
                const char *path = arena_printf(catalogue->arena, "%s/%s", directory, entries[i]->d_name);
                list[i] = result == 0 ? load(catalogue->arena, path, message) : NULL;
                if (list[i] == NULL)
                        result = -1;
                free(entries[i]);
        }
        free(entries);
        catalogue->contracts = list;
        catalogue->contract_count = (size_t)count;
        if (result < 0 || idl_check(list, (size_t)count, message) < 0)
                return -1;
        catalogue->contract_count += load_modules(catalogue->arena, list, (size_t)count);
        return 0;
}

static int compare(const void *a, const void *b)
{
        const struct command *one = a, *other = b;
        int order = strcmp(one->noun, other->noun);
        return order != 0 ? order : strcmp(one->verb, other->verb);
}

int catalogue_load(struct arena *arena, const char *directory, struct catalogue *ret_catalogue, char message[256])
{
        ASSERT(arena != NULL && directory != NULL && ret_catalogue != NULL && message != NULL);
        struct catalogue catalogue = {.arena = arena};

        if (load_all(&catalogue, directory, message) < 0)
                return -1;
        struct command *commands = arena_array(arena, catalogue.contract_count * IDL_MEMBERS_MAX, sizeof(*commands));
        for (size_t i = 0; i < catalogue.contract_count; i++) {
                for (const struct idl_member *m = catalogue.contracts[i]->members; m != NULL; m = m->next) {
                        const struct idl_note *note = m->said.notes[IDL_COMMAND];
                        if (note != NULL)
                                commands[catalogue.count++] =
                                        (struct command){note->words[0], note->words[1], catalogue.contracts[i], m};
                }
        }
        qsort(commands, catalogue.count, sizeof(*commands), compare);
        catalogue.commands = commands;
        *ret_catalogue = catalogue;
        return 0;
}

const struct command *catalogue_find(const struct catalogue *catalogue, const char *noun, const char *verb)
{
        ASSERT(catalogue != NULL && noun != NULL);
        for (size_t i = 0; i < catalogue->count; i++) {
                const struct command *command = &catalogue->commands[i];
                if (strcmp(command->noun, noun) == 0 && (verb == NULL || strcmp(command->verb, verb) == 0))
                        return command;
        }
        return NULL;
}

const char *option_name(struct arena *arena, const char *field)
{
        ASSERT(arena != NULL && field != NULL);
        char *name = arena_text(arena, field, strlen(field));

        for (char *at = name; *at != '\0'; at++)
                if (*at == '_')
                        *at = '-';
        return name;
}

bool is_positional(const struct command *command, const struct idl_field *field)
{
        ASSERT(command != NULL && field != NULL);
        const struct idl_note *note = command->method->said.notes[IDL_COMMAND];

        for (size_t i = 2; i < note->count; i++)
                if (strcmp(note->words[i], field->name) == 0)
                        return true;
        return false;
}

bool is_file(const struct idl_field *field)
{
        ASSERT(field != NULL);
        const struct idl_note *max = field->said.notes[IDL_MAX], *is = field->said.notes[IDL_IS];
        if (field->type->kind != IDL_STRING)
                return false;
        if (is != NULL)
                return value_type_find(is->words[0])->lines;
        return max != NULL && max->to > 4096;
}

bool is_secret(const struct idl_field *field)
{
        ASSERT(field != NULL);
        return field->said.notes[IDL_SECRET] != NULL && !is_file(field);
}

const char *value_word(struct arena *arena, const struct idl_field *field)
{
        ASSERT(arena != NULL && field != NULL && field->type != NULL);
        const struct idl_type *type = field->type->of != NULL ? field->type->of : field->type;
        const struct idl_note *is = field->said.notes[IDL_IS];
        const char *words = "";

        if (idl_real(type)->kind == IDL_ENUM) {
                for (const struct idl_field *f = idl_real(type)->fields; f != NULL; f = f->next)
                        words = arena_printf(arena, "%s%s%s", words, *words != '\0' ? "|" : "", f->name);
                return words;
        }
        if (is_file(field))
                return "FILE";
        const char *name = is != NULL && field->type->of != NULL ? is->words[0] : field->name;
        char *word = arena_text(arena, name, strlen(name));
        for (char *at = word; *at != '\0'; at++)
                *at = *at == '_' ? '-' : (char)toupper((unsigned char)*at);
        return word;
}

const char *first_sentence(struct arena *arena, const char *doc)
{
        ASSERT(arena != NULL && doc != NULL);
        const char *stop = strstr(doc, ". ");
        size_t line = strcspn(doc, "\n");
        size_t length = stop != NULL && (size_t)(stop - doc) < line ? (size_t)(stop - doc) : line;

        if (length > 0 && doc[length - 1] == '.')
                length--;
        return arena_text(arena, doc, length);
}
