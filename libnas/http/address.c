/* How many connections an address has: nobody takes all of them.
 * Rights: the front end; none needed. */
#include "http/server_parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool address_of(const struct sockaddr_storage *from, uint8_t ret_ip[16])
{
        ASSERT(from != NULL);
        if (from->ss_family == AF_INET6) {
                memcpy(ret_ip, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
                return true;
        }
        if (from->ss_family != AF_INET)
                return false;
        memcpy(ret_ip, mapped, sizeof(mapped));
        memcpy(ret_ip + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
        return true;
}

bool http_address_read(struct http_text text, uint8_t ret_ip[16])
{
        char copy[ADDRESS_TEXT];
        if (text.length == 0 || text.length >= sizeof(copy) || memchr(text.bytes, '\0', text.length) != NULL)
                return false;
        memcpy(copy, text.bytes, text.length);
        copy[text.length] = '\0';
        if (inet_pton(AF_INET6, copy, ret_ip) == 1)
                return true;
        memcpy(ret_ip, mapped, sizeof(mapped));
        return inet_pton(AF_INET, copy, ret_ip + 12) == 1;
}

/* Four small numbers, for every request: libc's printf takes its time. */
static void write_four(const uint8_t four[4], char *at)
{
        for (int i = 0; i < 4; i++) {
                unsigned number = four[i];
                if (number >= 100)
                        *at++ = (char)('0' + number / 100);
                if (number >= 10)
                        *at++ = (char)('0' + number / 10 % 10);
                *at++ = (char)('0' + number % 10);
                *at++ = i < 3 ? '.' : '\0';
        }
}

void address_write(const uint8_t ip[16], char ret_text[ADDRESS_TEXT])
{
        if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
                write_four(ip + 12, ret_text);
                return;
        }
        const char *text = inet_ntop(AF_INET6, ip, ret_text, ADDRESS_TEXT);
        ASSERT(text != NULL);
}

static struct address **place_of(struct addresses *addresses, uint64_t network, uint64_t host)
{
        uint64_t hash = (network ^ addresses->seed) * UINT64_C(0x9e3779b97f4a7c15);
        hash = (hash ^ (hash >> 29) ^ host ^ addresses->seed) * UINT64_C(0xbf58476d1ce4e5b9);
        struct address **place = &addresses->buckets[(hash >> 40) % ADDRESS_BUCKETS];
        while (*place != NULL && ((*place)->network != network || (*place)->host != host))
                place = &(*place)->next;
        return place;
}

struct address *address_enter(struct addresses *addresses, const uint8_t ip[16], unsigned max)
{
        ASSERT(addresses != NULL && ip != NULL);
        uint64_t network, host = 0;
        memcpy(&network, ip, 8);
        if (memcmp(ip, mapped, sizeof(mapped)) == 0)
                memcpy(&host, ip + 8, 8); /* of an IPv6 host only its network counts: it has all of it */
        struct address **place = place_of(addresses, network, host);
        if (*place == NULL) {
                *place = mem_new(1, sizeof(**place));
                **place = (struct address){.network = network, .host = host};
        }
        if ((*place)->count >= max)
                return NULL;
        (*place)->count++;
        return *place;
}

void address_leave(struct addresses *addresses, struct address *address)
{
        ASSERT(addresses != NULL);
        if (address == NULL || --address->count > 0)
                return;
        struct address **place = place_of(addresses, address->network, address->host);
        ASSERT(*place == address);
        *place = address->next;
        free(address);
}

void addresses_done(struct addresses *addresses)
{
        for (size_t i = 0; i < ADDRESS_BUCKETS; i++)
                for (struct address *address = TAKE(addresses->buckets[i]), *next; address != NULL; address = next) {
                        next = address->next;
                        free(address);
                }
}
