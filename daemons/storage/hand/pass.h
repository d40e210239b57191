/* Commands that go through the kernel to a disk as they are: to ATA disks by ATA PASS-THROUGH (SAT), to SCSI disks, and
 * to NVMe controllers. Only the commands that smart.c and standby.c name, never one from outside. */
#ifndef BULKHEAD_STORAGE_HAND_PASS_H
#define BULKHEAD_STORAGE_HAND_PASS_H

#include "act/hand.h"

enum { PASS_SECTOR = 512, PASS_PAGE = 4096 };

struct ata_command {
        uint8_t command, feature, count, low, mid, high;
        bool reads; /* a sector comes back; else the registers do */
};
struct ata_registers { /* as the disk left them */
        uint8_t status, count, mid, high;
};

/* The disk that the action names, whole. A descriptor, or -1 with *failure. */
int pass_open(const struct act_context *context, struct failure *failure);
/* 0, or -errno: -ENOTTY when the device takes no such command, -EIO when the disk refused it. */
int pass_ata(int disk, const struct ata_command *command, uint8_t sector[PASS_SECTOR], struct ata_registers *registers);
/* sense: at least 32 bytes. length bytes at most are read to bytes. */
int pass_scsi(int disk, const uint8_t command[16], uint8_t length_of_command, uint8_t *bytes, unsigned length,
              uint8_t *sense);
int pass_nvme(int disk, uint8_t opcode, uint32_t word10, void *bytes, unsigned length);

#endif
