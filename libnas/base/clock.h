/* Time. What expires is measured in CLOCK_BOOTTIME, so that setting the clock neither extends
 * nor revives it; what people read is CLOCK_REALTIME in RFC 3339, UTC. */
#ifndef BULKHEAD_BASE_CLOCK_H
#define BULKHEAD_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { BOOT_ID_BYTES = 16, RFC3339_SIZE = 32 };

uint64_t clock_boot_ms(void);
int64_t clock_real_us(void); /* microseconds since 1970 */
int64_t clock_real_s(void);
/* "2026-11-21T05:12:00.123456Z" */
void clock_format(int64_t real_us, char ret_text[RFC3339_SIZE]);
/* Reads /proc/sys/kernel/random/boot_id; 0 or -errno. Read it in prepare() and remember it. */
int clock_boot_id(uint8_t ret_id[BOOT_ID_BYTES]);

#endif
