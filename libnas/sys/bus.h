/* The system's message bus. */
#ifndef BULKHEAD_SYS_BUS_H
#define BULKHEAD_SYS_BUS_H

#include <systemd/sd-bus.h>

int bus_open(sd_bus **ret_bus); /* 0 or -errno, with NULL */

#endif
