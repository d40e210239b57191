/* One module, judged: its folder, its contract by itself and beside the machine's, its views.
 * Rights: the modules clerk; reads the folders of modules. */
#include "daemons/modules/clerk/modules.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

static int wrong(struct examined *examined, const char *message)
{
        return failure_set(&examined->failure, FAILURE_CONFLICT, "module",
                           "docs/modules.md says what a module may say.", "%s", message);
}

static int read_contract(struct arena *arena, int folder, struct examined *examined)
{
        const char *file = module_contract(arena, examined->name);
        char message[256];
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(folder, file, IDL_BYTES_MAX, &bytes, &length);
        if (failure_system(&examined->failure, FAILURE_CONFLICT, file, result) != 0)
                return -1;
        examined->text = arena_text(arena, (const char *)bytes, length);
        free(bytes);
        const char *place = arena_printf(arena, "%s/%s", examined->folder, file);
        const struct idl_contract *contract = idl_parse(arena, place, examined->text, length, message);
        if (!contract || idl_check(&contract, 1, message) != 0 ||
            idl_check_module(contract, examined->name, message) != 0 ||
            idl_check_beside(contract, machine_now()->contracts, machine_now()->contract_count, message) != 0)
                return wrong(examined, message);
        examined->contract = contract;
        return 0;
}

struct examined examine(struct arena *arena, const char *name)
{
        ASSERT(arena && name);
        struct examined examined = {.name = arena_text(arena, name, strlen(name)), .folder = ""};
        CLEANUP_FD int folder = module_open(arena, name, &examined.folder);
        if (folder < 0)
                failure_set(&examined.failure, FAILURE_NOT_FOUND, "module", "bulkhead module list", "The module %s: %s",
                            name, strerror(-folder));
        else if (module_judge(folder, name, 0, &examined.failure) == 0 && read_contract(arena, folder, &examined) == 0)
                (void)views_judge(arena, folder, examined.folder, examined.contract, &examined.failure);
        return examined;
}
