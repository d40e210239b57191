/* The settings as the hand writes them, and what was said while a certificate was fetched: hostile text.
 * Rights: the network clerk; pure functions. */
#include "daemons/network/clerk/network.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <string.h>

/* "--domains=NAME \", as many times as there are names. */
static bool take_name(char *name, struct acme *acme)
{
        name[strcspn(name, " ")] = '\0';
        if (acme->name_count == ARRAY_SIZE(acme->names) ||
            value_check(&value_host_name, "names", name, strlen(name), NULL) != 0)
                return false;
        acme->names[acme->name_count++] = name;
        return true;
}

bool acme_read_settings(char *text, struct acme *ret_acme)
{
        ASSERT(text && ret_acme);
        struct acme acme = *ret_acme;
        acme.name_count = 0;
        acme.directory = acme.email = NULL;
        for (char *line; (line = strsep(&text, "\n"));) {
                char *value = strchr(line, '=');
                if (!value)
                        continue;
                *value++ = '\0';
                if (strcmp(line, "ACME_SERVER") == 0)
                        acme.directory = value;
                else if (strcmp(line, "ACME_EMAIL") == 0)
                        acme.email = value;
                else if (strcmp(line, "--domains") == 0 && !take_name(value, &acme))
                        return false;
        }
        acme.enrolled = acme.directory && acme.email && acme.name_count > 0;
        if (acme.enrolled)
                *ret_acme = acme;
        return acme.enrolled;
}

/* How a service can end, as systemd says it. */
static bool is_result(const char *line)
{
        static const char *const words[] = {"success",  "exit-code", "timeout",  "signal",   "core-dump",
                                            "watchdog", "oom-kill",  "protocol", "resources"};
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcmp(line, words[i]) == 0)
                        return true;
        return false;
}

bool acme_read_log(char *text, struct acme *ret_acme)
{
        ASSERT(text && ret_acme);
        size_t length = strlen(text);
        while (length > 0 && text[length - 1] == '\n')
                text[--length] = '\0';
        char *last = strrchr(text, '\n');
        char *line = last ? last + 1 : text;
        if (!is_result(line))
                return false;
        ret_acme->good = strcmp(line, "success") == 0;
        *line = '\0';
        for (char *at = text; *at; at++)
                if (*at == '\n' || *at == '\t')
                        *at = ' ';
        ret_acme->message = text;
        return true;
}
