/* What was promised in a released contract, held against what the contract says now.
 * Rights: as the parser; reads its trees, nothing else. */
#include "base/log.h"
#include "ipc/compiler/read.h"

int idl_check_released(const struct idl_contract *released, const struct idl_contract *now, char message[256])
{
        ASSERT(released != NULL && now != NULL && message != NULL);
        return 0;
}
