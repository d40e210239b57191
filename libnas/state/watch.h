/* Watched reads: a topic is one reading of the clerk's state ("users"). A call with more gets the whole,
 * then a JSON patch whenever the clerk says that the topic changed; the same patch for all who saw the same. Who takes
 * its replies too slowly for that gets the whole anew when it has taken them. */
#ifndef BULKHEAD_STATE_WATCH_H
#define BULKHEAD_STATE_WATCH_H

#include "json/json.h"
#include "wire/wire.h"

struct topic;
/* write: writes the reply's parameters as they are now, as this call may see them (who asks, with which limit). */
typedef void topic_write(struct json_out *out, struct call *call, void *context);
struct topic *topic_new(const char *name, topic_write *write, void *context);
/* Answers call: once, or (with more) now and with {"patch": [...]} after each topic_changed. */
void topic_serve(struct topic *topic, struct call *call);
void topic_changed(struct topic *topic);
/* What is watched there is no more: all who watch it are told so, with failure. */
void topic_end(struct topic *topic, const struct failure *failure);
/* Asks holds about every open watch; those for which it gives -1 end with its failure. Used by the gate, so that
 * nobody goes on reading with a ticket that was taken back. */
void topics_hold(int (*holds)(struct call *call, struct failure *failure));

#endif
