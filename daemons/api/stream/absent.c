/* Until the stream is there: says so.
 * Rights: the front end. */
#include "daemons/api/api.h"

__attribute__((weak)) void stream_serve(struct exchange *exchange)
{
        problem_answer(exchange, 501, NULL, "The stream is not there yet.", NULL);
}
