/* bulkhead-names: which number somebody of the directory or the domain has, and what a number is called there.
 *
 * A line a question: "user NAME", "group NAME", "uid NUMBER", "gid NUMBER"; a line an answer, in their order: the
 * number, a blank and the name, "-" where there is nobody such, "?" where that could not be said. "groups NAME" is
 * answered with the numbers of all groups that somebody is in, with blanks between. It ends with the first empty line.
 *
 * Name services load code of others into whoever asks them, and wait for the network. So neither clerks nor hands ask:
 * they connect here, and each connection has a process of its own.
 *
 * Rights: user bulkhead-names, no capability; the sockets of winbind and sssd, and nothing else. Who of this machine is
 * who it does not even know (nsswitch-names.conf). */
#include "value/folder_owner.h"
#include "value/setting.h"
#include "value/types.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 256, QUESTIONS_MAX = 4096, GROUPS_MAX = 4096, TOO_LONG_S = 15 };

static bool number_of(const char *text, uint32_t *ret_number)
{
        if (!value_is(&value_number, text, strlen(text)))
                return false;
        const unsigned long long number = strtoull(text, NULL, 10);
        *ret_number = (uint32_t)number;
        return owner_number_is_elsewhere(number);
}

/* What a name service says in errno when it knows, and there is nobody. */
static bool is_known(int error)
{
        return error == 0 || error == ENOENT;
}

static void say(uint32_t number, const char *name, int error)
{
        const bool good = name && owner_is_elsewhere(name) && owner_number_is_elsewhere(number) &&
                          value_is(&value_folder_owner, name, strlen(name));
        if (good)
                printf("%u %s\n", number, name);
        else
                puts(is_known(error) ? "-" : "?");
}

/* Winbind has each number for an account and for a group alike; one that is a group's is that account's own group. */
static bool is_a_group(const struct passwd *person)
{
        return person->pw_uid >= SETTING_DOMAIN_FIRST && person->pw_gid == person->pw_uid;
}

static void say_person(const struct passwd *person, int error)
{
        const bool good = person && !is_a_group(person);
        say(good ? person->pw_uid : 0, good ? person->pw_name : NULL, error);
}

static void say_group(const struct group *group, int error)
{
        const struct passwd *person = group && group->gr_gid >= SETTING_DOMAIN_FIRST ? getpwuid(group->gr_gid) : NULL;
        const bool good = group && (!person || is_a_group(person));
        say(good ? group->gr_gid : 0, good ? group->gr_name : NULL, error);
}

static void say_groups(const struct passwd *person, int error)
{
        static gid_t groups[GROUPS_MAX];
        int count = GROUPS_MAX;
        if (!person || getgrouplist(person->pw_name, person->pw_gid, groups, &count) < 0) {
                puts(is_known(error) && !person ? "-" : "?");
                return;
        }
        for (int i = 0; i < count; i++)
                printf("%s%u", i > 0 ? " " : "", groups[i]);
        putchar('\n');
}

static void answer(const char *line)
{
        const char *blank = strchr(line, ' '), *what = blank ? blank + 1 : "";
        uint32_t number = 0;
        errno = 0;
        if (strncmp(line, "uid ", 4) == 0 && number_of(what, &number)) {
                const struct passwd *person = getpwuid(number);
                say_person(person, errno);
        } else if (strncmp(line, "gid ", 4) == 0 && number_of(what, &number)) {
                const struct group *group = getgrgid(number);
                say_group(group, errno);
        } else if (!value_is(&value_folder_owner, what, strlen(what)) || !owner_is_elsewhere(what)) {
                puts("-");
        } else if (strncmp(line, "user ", 5) == 0) {
                const struct passwd *person = getpwnam(what);
                say_person(person, errno);
        } else if (strncmp(line, "group ", 6) == 0) {
                const struct group *group = getgrnam(what);
                say_group(group, errno);
        } else if (strncmp(line, "groups ", 7) == 0) {
                const struct passwd *person = getpwnam(what);
                say_groups(person, errno);
        } else {
                puts("-");
        }
}

int main(void)
{
        char line[LINE_SIZE];
        alarm(TOO_LONG_S);                      /* whoever asks has given up by then */
        (void)setvbuf(stdout, NULL, _IOLBF, 0); /* what is known is not lost with what nobody answers */
        for (size_t i = 0; i < QUESTIONS_MAX && fgets(line, sizeof(line), stdin); i++) {
                const size_t length = strcspn(line, "\n");
                if (line[length] != '\n')
                        return EXIT_FAILURE;
                if (length == 0)
                        break;
                line[length] = '\0';
                answer(line);
        }
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
