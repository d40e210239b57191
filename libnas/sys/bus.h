/* The system's message bus. */
#ifndef BULKHEAD_SYS_BUS_H
#define BULKHEAD_SYS_BUS_H

#include <systemd/sd-bus.h>

/* 0 or -errno, with NULL. */
int bus_open(sd_bus **ret_bus);
int bus_open_manager(sd_bus **ret_bus); /* PID 1 itself: root's alone, and there before the bus is */

#endif
