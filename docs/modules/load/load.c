/* The module load: cc -O2 -o program load.c. Whatever it is asked has been held to its contract and written anew, in one
 * line, with its members in the contract's order; so sscanf reads all that can come. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static int seconds = 10;

static void say(int line, const char *message)
{
        if (write(line, message, strlen(message) + 1) < 0) /* with its NUL */
                _exit(1);
}

static void publish(int line)
{
        char message[256];
        struct sysinfo now;
        sysinfo(&now);
        snprintf(message, sizeof(message), "{\"commit\":{\"load\":%.2f,\"uptime\":%ld,\"seconds\":%d}}",
                 (double)now.loads[0] / (1 << SI_LOAD_SHIFT), now.uptime, seconds);
        say(line, message);
}

/* The first message is what was published last; the others are actions, of which there is one. */
static void take(int line, const char *message)
{
        const char *kept = strstr(message, "\"seconds\":");
        int wanted;
        if (kept && sscanf(kept, "\"seconds\":%d", &wanted) == 1)
                seconds = wanted;
        publish(line);
        if (strncmp(message, "{\"action\":\"SetPace\"", 18) == 0)
                say(line, "{\"done\":{}}");
}

int main(void)
{
        char bytes[4096], *end;
        size_t length = 0;
        int line = accept(3, NULL, NULL); /* systemd listens, Bulkhead calls */
        for (;;) {
                struct pollfd wait = {.fd = line, .events = POLLIN};
                if (poll(&wait, 1, seconds * 1000) == 0) {
                        publish(line); /* unasked */
                        continue;
                }
                ssize_t got = read(line, bytes + length, sizeof(bytes) - length);
                if (got <= 0)
                        return 0;
                for (length += (size_t)got; (end = memchr(bytes, '\0', length)); memmove(bytes, end + 1, length)) {
                        take(line, bytes);
                        length -= (size_t)(end + 1 - bytes);
                }
        }
}
