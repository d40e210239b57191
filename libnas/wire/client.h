/* A blocking Varlink client, for the command line and for tests. */
#ifndef BULKHEAD_WIRE_CLIENT_H
#define BULKHEAD_WIRE_CLIENT_H

#include "base/failure.h"
#include "json/json.h"

#include <stdbool.h>

struct wire_client;
struct wire_client *wire_client_connect(const char *socket_path, struct failure *failure);
void wire_client_close(struct wire_client *client);
void wire_client_closep(struct wire_client **client);

/* Sends one call. parameters: a JSON object's text. 0 or -1. */
int wire_client_call(struct wire_client *client, const char *method, const char *parameters, bool more,
                     struct failure *failure);
/* Waits for the next reply. 0 with the reply's parameters (free with json_free), *ret_error NULL or the
 * error's name (malloced), *ret_continues. -1 when the connection broke or timeout_ms passed. */
int wire_client_reply(struct wire_client *client, int timeout_ms, struct json **ret_parameters, char **ret_error,
                      bool *ret_continues, struct failure *failure);

#endif
