/* bulkhead-host: has the machine be called what a person wants, in the time zone that a person wants, and writes down
 * what is so, for the network clerk, which has no network to look at. Started when something of that has changed, gone
 * when it has looked: wishes and the machine's own files by a path unit, addresses and ways by a socket on which the
 * kernel tells of them. What the clock is set by tells nobody, hence a slow timer too.
 * Rights: user bulkhead-host, no capability. hostnamed and timedated do it, and polkit lets this user ask them
 * (host.rules); reads /var/lib/bulkhead/host, /etc and /proc/net, writes its own folder. */
#include "base/log.h"
#include "base/mem.h"
#include "sys/bus.h"
#include "sys/file.h"
#include "value/types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define WANTED    "/var/lib/bulkhead/host/" /* the network hand's: a wish a file, which is there once it was wished */
#define FOLDER    "/run/bulkhead-host/"
#define ZONES     "zoneinfo/"
#define HOSTNAMED "org.freedesktop.hostname1", "/org/freedesktop/hostname1", "org.freedesktop.hostname1"
#define TIMEDATED "org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1"
#define MANAGER   "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
enum { WORD_SIZE = 256, ADDRESSES_SIZE = 2048, FIRST_FD = 3, SETTLES_MS = 250 };

static void closep(FILE **file)
{
        if (*file)
                (void)fclose(*file);
}

/* What a file begins with, as a text; "" when there is none. */
static void read_text(const char *path, char *ret_text, size_t size)
{
        CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ssize_t length = fd >= 0 ? read(fd, ret_text, size - 1) : -1;
        ret_text[length > 0 ? length : 0] = '\0';
}

static void read_word(const char *path, char ret_word[WORD_SIZE])
{
        read_text(path, ret_word, WORD_SIZE);
        ret_word[strcspn(ret_word, "\n")] = '\0';
}

/* What is wished; "" when nothing is, or what is there is not of its type. */
static void read_wish(const char *path, const struct value_type *type, char ret_word[WORD_SIZE])
{
        read_word(path, ret_word);
        if (*ret_word == '\0' || !value_is(type, ret_word, strlen(ret_word)))
                ret_word[0] = '\0';
}

/* --- what is so --- */

/* As localtime(5) has it: a link into the zones, or nothing at all. */
static void read_zone(char ret_zone[WORD_SIZE])
{
        char link[WORD_SIZE];
        ssize_t length = readlink("/etc/localtime", link, sizeof(link) - 1);
        link[length > 0 ? length : 0] = '\0';
        const char *zone = strstr(link, ZONES);
        snprintf(ret_zone, WORD_SIZE, "%s", zone ? zone + strlen(ZONES) : length < 0 && errno == ENOENT ? "UTC" : "");
}

static bool is_outside(const struct ifaddrs *one)
{
        if (!one->ifa_addr || (one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0)
                return false;
        if (one->ifa_addr->sa_family == AF_INET)
                return true;
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)(const void *)one->ifa_addr;
        return one->ifa_addr->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr);
}

static void read_addresses(char ret_addresses[ADDRESSES_SIZE])
{
        struct ifaddrs *list = NULL;
        size_t used = 0;
        ret_addresses[0] = '\0';
        if (getifaddrs(&list) != 0)
                return;
        for (const struct ifaddrs *one = list; one; one = one->ifa_next) {
                char text[INET6_ADDRSTRLEN];
                if (!is_outside(one))
                        continue;
                const void *at =
                        one->ifa_addr->sa_family == AF_INET
                                ? (const void *)&((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr
                                : &((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr;
                if (inet_ntop(one->ifa_addr->sa_family, at, text, sizeof(text)) &&
                    used + strlen(text) + 2 <= ADDRESSES_SIZE)
                        used += (size_t)snprintf(ret_addresses + used, ADDRESSES_SIZE - used, "%s%s",
                                                 used > 0 ? " " : "", text);
        }
        freeifaddrs(list);
}

static bool is_way_4(const char *line)
{
        const char *to = strchr(line, '\t');
        return to && strncmp(to, "\t00000000\t", 10) == 0;
}

/* By something else than lo, by which the kernel refuses. */
static bool is_way_6(const char *line)
{
        static const char everywhere[] = "00000000000000000000000000000000 00 ";
        size_t length = strlen(line);
        return strncmp(line, everywhere, sizeof(everywhere) - 1) == 0 &&
               (length < 4 || strcmp(line + length - 4, " lo\n") != 0);
}

static bool has_line(const char *path, bool (*is)(const char *line))
{
        CLEANUP(closep) FILE *file = fopen(path, "re");
        char line[2 * WORD_SIZE];
        while (file && fgets(line, sizeof(line), file))
                if (is(line))
                        return true;
        return false;
}

static bool clock_is_right(sd_bus *bus)
{
        int right = 0;
        return bus && sd_bus_get_property_trivial(bus, TIMEDATED, "NTPSynchronized", NULL, 'b', &right) >= 0 && right;
}

/* --- what is wished --- */

/* Who takes the machine's name when they start. The front end's sockets stay open meanwhile; to those who show the machine
 * on the network nobody is connected. SMB is left alone: its clients would be cut off, and do not care. */
static bool begin_anew(sd_bus *bus)
{
        static const char *const units[] = {"bulkhead-api.service", "bulkhead-mdns.service", "bulkhead-wsd.service"};
        bool good = true;
        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
                good = sd_bus_call_method(bus, MANAGER, "TryRestartUnit", NULL, NULL, "ss", units[i], "replace") >= 0 &&
                       good;
        return good;
}

/* What could not be had; "": nothing. */
static const char *set(sd_bus *bus, bool *ret_named)
{
        char wish[WORD_SIZE], is[WORD_SIZE];
        const char *wrong = "";
        read_wish(WANTED "name", &value_machine_name, wish);
        read_word("/etc/hostname", is);
        if (*wish && strcmp(wish, is) != 0) {
                *ret_named =
                        sd_bus_call_method(bus, HOSTNAMED, "SetStaticHostname", NULL, NULL, "sb", wish, 0) >= 0;
                wrong = *ret_named ? "" : "name";
        }
        read_wish(WANTED "zone", &value_time_zone, wish);
        read_zone(is);
        if (*wish && strcmp(wish, is) != 0 &&
            sd_bus_call_method(bus, TIMEDATED, "SetTimezone", NULL, NULL, "sb", wish, 0) < 0 && !*wrong)
                wrong = "zone";
        return wrong;
}

/* --- what is written down --- */

static int put(const char *text)
{
        CLEANUP(closep) FILE *file = fopen(FOLDER ".state", "we");
        if (!file || fputs(text, file) < 0 || fflush(file) != 0 || fchmod(fileno(file), 0644) != 0)
                return -errno;
        return rename(FOLDER ".state", FOLDER "state") == 0 ? 0 : -errno;
}

/* By which name it was known when this was last written; "": never yet. */
static void read_known(char ret_name[WORD_SIZE])
{
        static const char begins[] = "name=";
        read_word(FOLDER "state", ret_name);
        bool there = strncmp(ret_name, begins, sizeof(begins) - 1) == 0;
        memmove(ret_name, there ? ret_name + sizeof(begins) - 1 : "", there ? strlen(ret_name) - sizeof(begins) + 2 : 1);
}

/* Whoever reads it is told of a change, and of nothing else. */
static bool is_written(const char *text)
{
        char was[2 * ADDRESSES_SIZE];
        read_text(FOLDER "state", was, sizeof(was));
        return strcmp(was, text) == 0;
}

static void set_and_look(sd_bus *bus)
{
        char name[WORD_SIZE], known[WORD_SIZE], zone[WORD_SIZE], addresses[ADDRESSES_SIZE], text[2 * ADDRESSES_SIZE];
        bool named = false;
        const char *wrong = set(bus, &named);
        bool way = has_line("/proc/self/net/route", is_way_4) || has_line("/proc/self/net/ipv6_route", is_way_6);
        read_word("/etc/hostname", name);
        name[strcspn(name, ".")] = '\0';
        for (char *at = name; *at; at++)
                *at = (char)tolower((unsigned char)*at);
        read_known(known);
        named = named || (*known && strcmp(known, name) != 0); /* by somebody else */
        if (named && !begin_anew(bus) && !*wrong)
                wrong = "front";
        read_zone(zone);
        read_addresses(addresses);
        snprintf(text, sizeof(text), "name=%s\nzone=%s\nclock=%s\naddresses=%s\nroute=%s\nwrong=%s\n", name, zone,
                 clock_is_right(bus) ? "yes" : "no", addresses, way ? "yes" : "no", wrong);
        if (!is_written(text))
                log_must(put(text), FOLDER "state");
}

/* --- when --- */

/* Addresses come in numbers: waits until they have, and takes what the kernel said of them, else PID 1 would start this
 * again for it. Without the socket (started by hand) there is nothing to take. */
static void settle(void)
{
        char message[64];
        const char *passed = getenv("LISTEN_FDS");
        (void)poll(NULL, 0, SETTLES_MS);
        if (passed && strcmp(passed, "1") == 0)
                while (recv(FIRST_FD, message, sizeof(message), MSG_DONTWAIT) >= 0 || errno == ENOBUFS ||
                       errno == EINTR)
                        continue;
}

/* Which wishes there are: another text once there are others. */
static void read_version(char ret_version[WORD_SIZE])
{
        static const char *const paths[] = {WANTED "name", WANTED "zone"};
        size_t used = 0;
        struct stat status;
        ret_version[0] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                if (stat(paths[i], &status) == 0)
                        used += (size_t)snprintf(ret_version + used, WORD_SIZE - used, "%zu %ju %jd.%09ld\n", i,
                                                 (uintmax_t)status.st_ino, (intmax_t)status.st_mtim.tv_sec,
                                                 status.st_mtim.tv_nsec);
}

int main(void)
{
        sd_bus *bus = NULL;
        char done[WORD_SIZE], now[WORD_SIZE];
        log_open("host");
        if (bus_open(&bus) < 0)
                log_warn("the system's bus cannot be reached: nothing can be set, and the clock is not known");
        do { /* what is wished while this runs starts nothing anew */
                read_version(done);
                settle();
                set_and_look(bus);
                read_version(now);
        } while (strcmp(done, now) != 0);
        sd_bus_flush_close_unref(bus);
        return 0;
}
