/* The event loop: the only door to libevent's loop. One per process, single-threaded. */
#ifndef BULKHEAD_SYS_LOOP_H
#define BULKHEAD_SYS_LOOP_H

#include <stdint.h>

struct loop;
struct loop_watch; /* a descriptor watched, a timer or a signal */

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_CLOSED = 4 /* the peer hung up; for who does not read now */ };
typedef void loop_ready(int fd, unsigned events, void *context);
typedef void loop_tick(void *context);

struct loop *loop_new(void);
void loop_free(struct loop *loop);
int loop_run(struct loop *loop); /* until loop_stop; 0 */
void loop_stop(struct loop *loop);

struct loop_watch *loop_fd(struct loop *loop, int fd, unsigned events, loop_ready *ready, void *context);
void loop_fd_events(struct loop_watch *watch, unsigned events);                                      /* 0 pauses */
struct loop_watch *loop_timer(struct loop *loop, unsigned after_ms, loop_tick *tick, void *context); /* fires once */
struct loop_watch *loop_every(struct loop *loop, unsigned every_ms, loop_tick *tick, void *context);
void loop_timer_again(struct loop_watch *watch, unsigned after_ms); /* arms it anew */
/* Fires it as soon as the loop is back (never from within the caller), before anything new is waited for. */
void loop_timer_now(struct loop_watch *watch);
struct loop_watch *loop_signal(struct loop *loop, int number, loop_tick *tick, void *context);
void loop_unwatch(struct loop_watch *watch); /* NULL is fine; safe inside its own callback; does not close the fd */
/* Runs whenever it was woken, as soon as the loop is back and before it waits again; once, however often it was woken.
 */
struct loop_watch *loop_task(struct loop *loop, loop_tick *tick, void *context);
void loop_wake(struct loop_watch *task);
/* Runs once, as soon as the loop is back (never from within the caller). */
void loop_soon(struct loop *loop, loop_tick *tick, void *context);

#endif
