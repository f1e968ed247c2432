/* Two nodes on this machine; one says hello, the other hears it. */
#include <logos_p2p.h>

#include <stdatomic.h>
#include <stdio.h>
#include <threads.h>
#include <time.h>

static atomic_bool heard;

static bool on_message(void *context, const void *message, size_t size)
{
    printf("%s heard: %.*s\n", (const char *)context, (int)size, (const char *)message);
    heard = true;
    return true; /* Pass it on. */
}

static logos_p2p *start(const char *name, const char *peer)
{
    logos_p2p_setting settings[] = {
        { "regtest", "1" }, { "bind", "127.0.0.1" }, { "port", "0" }, { "connect", peer },
    };
    logos_p2p_host host = { .size = sizeof host, .context = (void *)name, .receive = on_message };
    logos_p2p *node = logos_p2p_create(settings, 4, &host);
    if (node == NULL || logos_p2p_start(node) < 0) {
        fprintf(stderr, "%s\n", logos_p2p_last_error());
        return NULL;
    }
    return node;
}

int main(void)
{
    logos_p2p *alice = start("Alice", "0");
    if (alice == NULL)
        return 1;
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", logos_p2p_port(alice));
    logos_p2p *bob = start("Bob", address);
    if (bob == NULL)
        return 1;

    struct timespec moment = { 0, 1000000 };
    while (logos_p2p_propagate(bob, "hello", 5) == 0) /* 0: no peer is connected yet. */
        thrd_sleep(&moment, NULL);
    while (!heard)
        thrd_sleep(&moment, NULL);

    logos_p2p_free(bob);
    logos_p2p_free(alice);
    return 0;
}
