/* Commands that go through the kernel to a disk as they are.
 * Rights: the storage hand; opens disks for reading, and has CAP_SYS_RAWIO and CAP_SYS_ADMIN for these commands. */
#include "daemons/storage/hand/pass.h"

#include "daemons/storage/hand/storage.h"

#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

enum {
        PATIENCE_MS = 5000,
        SENSE_BYTES = 32,
        CHECK_CONDITION = 2,
        ATA_PASS_THROUGH_16 = 0x85,
        ATA_STATUS_ERROR = 1,
        NVME_EVERYWHERE = -1, /* the controller's, not one name space's */
};

int pass_open(const struct act_context *context, struct failure *failure)
{
        const char *name = act_text(context, "disk");
        int fd = disk_open(arena_printf(context->arena, BY_ID "%s", name), 0);
        return fd < 0 ? failure_system(failure, FAILURE_NOT_FOUND, name, fd) : fd;
}

int pass_scsi(int disk, const uint8_t command[16], uint8_t length_of_command, uint8_t *bytes, unsigned length,
              uint8_t *sense)
{
        uint8_t copy[16];
        memcpy(copy, command, sizeof(copy));
        struct sg_io_hdr io = {.interface_id = 'S',
                               .dxfer_direction = length > 0 ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
                               .cmd_len = length_of_command,
                               .mx_sb_len = SENSE_BYTES,
                               .dxfer_len = length,
                               .dxferp = bytes,
                               .cmdp = copy,
                               .sbp = sense,
                               .timeout = PATIENCE_MS};
        if (ioctl(disk, SG_IO, &io) != 0)
                return -errno;
        if (io.host_status != 0)
                return -ETIMEDOUT;
        return io.status == 0 ? 0 : io.status == CHECK_CONDITION ? -EIO : -EBUSY;
}

/* Kernel and adapter choose which of the two forms of sense data they tell the registers in. */
static bool registers_of(const uint8_t *sense, struct ata_registers *ret_registers)
{
        const uint8_t form = sense[0] & 0x7f;
        if ((form == 0x72 || form == 0x73) && sense[8] == 0x09)
                *ret_registers = (struct ata_registers){
                        .status = sense[21], .count = sense[13], .mid = sense[17], .high = sense[19]};
        else if (form == 0x70 || form == 0x71)
                *ret_registers = (struct ata_registers){
                        .status = sense[4], .count = sense[6], .mid = sense[10], .high = sense[11]};
        else
                return false;
        return true;
}

int pass_ata(int disk, const struct ata_command *command, uint8_t sector[PASS_SECTOR], struct ata_registers *registers)
{
        uint8_t sense[SENSE_BYTES] = {0};
        const uint8_t cdb[16] = {[0] = ATA_PASS_THROUGH_16,
                                 [1] = command->reads ? 4 << 1 : 3 << 1,
                                 [2] = command->reads ? 0x0e : 0x20, /* a sector is read; the registers are told */
                                 [4] = command->feature,
                                 [6] = command->count,
                                 [8] = command->low,
                                 [10] = command->mid,
                                 [12] = command->high,
                                 [14] = command->command};
        int result = pass_scsi(disk, cdb, sizeof(cdb), sector, command->reads ? PASS_SECTOR : 0, sense);
        if (command->reads || (result != 0 && result != -EIO))
                return result;
        return registers_of(sense, registers) && !(registers->status & ATA_STATUS_ERROR) ? 0 : -EIO;
}

int pass_nvme(int disk, uint8_t opcode, uint32_t word10, void *bytes, unsigned length)
{
        struct nvme_admin_cmd command = {.opcode = opcode,
                                         .nsid = opcode == 0x06 ? 0 : (uint32_t)NVME_EVERYWHERE,
                                         .addr = (uint64_t)(uintptr_t)bytes,
                                         .data_len = length,
                                         .cdw10 = word10,
                                         .timeout_ms = PATIENCE_MS};
        int result = ioctl(disk, NVME_IOCTL_ADMIN_CMD, &command);
        return result == 0 ? 0 : result > 0 ? -EIO : -errno;
}
