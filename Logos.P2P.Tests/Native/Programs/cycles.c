/* Makes, starts, stops and frees nodes, argv[1] times, and as many that cannot be started, and sees that memory does not grow. */
#define _GNU_SOURCE
#include "check.h"

#include <unistd.h>

/* Pages of heaps and caches that a process may come to need later. A node's tables have 6 MB: one lost in ten would show. */
#define MAX_GROWTH_PERCENT 10

static bool receive(void *context, const void *message, size_t size)
{
    (void)context;
    (void)message;
    return size > 0;
}

static long resident_kilobytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size, resident;
    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int descriptors(void)
{
    int count = 0;
    for (int i = 0; i < 1024; i++) {
        char path[32], target[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", i);
        count += readlink(path, target, sizeof target) > 0;
    }
    return count;
}

static logos_p2p *create(int port)
{
    char port_argument[16];
    snprintf(port_argument, sizeof port_argument, "-port=%d", port);
    char *arguments[] = {
        (char *)"cycles", (char *)"-regtest", (char *)"-bind=127.0.0.1", port_argument, (char *)"-connect=0",
    };
    logos_p2p_host host = { .size = sizeof host, .receive = receive };
    logos_p2p *node = logos_p2p_create_from_arguments(5, arguments, &host);
    CHECK(node != NULL);
    return node;
}

static void cycle(int taken_port)
{
    logos_p2p *failing = create(taken_port);
    CHECK(logos_p2p_start(failing) == LOGOS_P2P_E_IO);
    CHECK(logos_p2p_free(failing) == LOGOS_P2P_OK);

    logos_p2p *node = create(0);
    CHECK(logos_p2p_start(node) == LOGOS_P2P_OK);
    CHECK(logos_p2p_propagate(node, "nobody", 6) == 0);
    CHECK(logos_p2p_stop(node) == LOGOS_P2P_OK);
    CHECK(logos_p2p_free(node) == LOGOS_P2P_OK);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 100;
    logos_p2p *lasting = create(0);
    CHECK(logos_p2p_start(lasting) == LOGOS_P2P_OK);
    int port = logos_p2p_port(lasting);
    /* The first ones fill what there is one of. */
    for (int i = 0; i < count / 4; i++)
        cycle(port);
    long before = resident_kilobytes();
    int open_before = descriptors();
    for (int i = 0; i < count; i++)
        cycle(port);
    long after = resident_kilobytes();
    printf("%d cycles: %ld KB before, %ld KB after; %d and %d descriptors\n", count, before, after, open_before, descriptors());
    CHECK(descriptors() <= open_before);
    CHECK(after < before + before * MAX_GROWTH_PERCENT / 100);
    CHECK(logos_p2p_free(lasting) == LOGOS_P2P_OK);
    return 0;
}
