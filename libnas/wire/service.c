/* org.varlink.service: what is here, said to any Varlink client.
 * Rights: clerks and the front end; none needed. */
#include "base/mem.h"
#include "wire/parts.h"

#include <string.h>

static void member(struct json_out *out, const char *name, const char *text)
{
        json_out_key(out, name);
        json_out_text(out, text == NULL ? "" : text);
}

static void names(struct json_out *out, const struct wire_interface *const *interfaces)
{
        for (; *interfaces != NULL; interfaces++)
                json_out_text(out, (*interfaces)->name);
}

static void get_info(struct call *call)
{
        const struct wire_service *service = &call->connection->server->service;
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        member(out, "vendor", service->vendor);
        member(out, "product", service->product);
        member(out, "version", service->version);
        member(out, "url", service->url);
        json_out_key(out, "interfaces");
        json_out_array(out);
        json_out_text(out, service_interface.name);
        names(out, service->interfaces);
        if (service->more != NULL)
                names(out, service->more());
        json_out_array_end(out);
        json_out_object_end(out);
        call_reply(call, out);
}

static void get_interface_description(struct call *call)
{
        const struct json *name = json_member(call->parameters, "interface");
        if (json_type_of(name) != JSON_TEXT || json_length(call->parameters) != 1) {
                call_invalid_parameter(call, "interface");
                return;
        }
        size_t length;
        const char *text = json_text(name, &length);
        const struct wire_interface *interface = service_find(call->connection->server, text, length);
        if (interface == NULL) {
                call_varlink_error(call, "InterfaceNotFound", "interface", text);
                return;
        }
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        member(out, "description", interface->description);
        json_out_object_end(out);
        call_reply(call, out);
}

static const struct wire_method methods[] = {
        {.name = "GetInfo", .role = ROLE_NOBODY, .serve = get_info},
        {.name = "GetInterfaceDescription", .role = ROLE_NOBODY, .serve = get_interface_description},
        {.name = NULL},
};

const struct wire_interface service_interface = {
        .name = "org.varlink.service",
        .description = "# What this service is and what it offers.\n"
                       "interface org.varlink.service\n\n"
                       "# Who made it, and the interfaces it has.\n"
                       "method GetInfo() -> (vendor: string, product: string, version: string, url: string,\n"
                       "  interfaces: []string)\n\n"
                       "# The text of one interface.\n"
                       "method GetInterfaceDescription(interface: string) -> (description: string)\n\n"
                       "error InterfaceNotFound (interface: string)\n"
                       "error MethodNotFound (method: string)\n"
                       "error MethodNotImplemented (method: string)\n"
                       "error InvalidParameter (parameter: string)\n"
                       "error PermissionDenied ()\n"
                       "error ExpectedMore ()\n",
        .methods = methods,
};

static const struct wire_interface *find_in(const struct wire_interface *const *interfaces, const char *name,
                                            size_t length)
{
        for (; *interfaces != NULL; interfaces++)
                if (strlen((*interfaces)->name) == length && memcmp((*interfaces)->name, name, length) == 0)
                        return *interfaces;
        return NULL;
}

const struct wire_interface *service_find(const struct wire_server *server, const char *name, size_t length)
{
        const struct wire_interface *const own[] = {&service_interface, NULL};
        const struct wire_interface *found = find_in(own, name, length);
        if (found == NULL)
                found = find_in(server->service.interfaces, name, length);
        return found != NULL || server->service.more == NULL ? found : find_in(server->service.more(), name, length);
}
