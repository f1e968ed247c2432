/*
 * A node as a process of its own. Options are those of the command line. Writes "port N"; then each message that it receives,
 * as a line. A line that it reads is propagated, but for "peers N": it answers "ok" when so many are connected.
 */
#define _GNU_SOURCE
#include "check.h"

static bool receive(void *context, const void *message, size_t size)
{
    (void)context;
    printf("%.*s\n", (int)size, (const char *)message);
    fflush(stdout);
    return true;
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    logos_p2p_host host = { .size = sizeof host, .receive = receive };
    double begin = milliseconds();
    logos_p2p *node = logos_p2p_create_from_arguments(argc, argv, &host);
    CHECK(node != NULL);
    CHECK(logos_p2p_start(node) == LOGOS_P2P_OK);
    fprintf(stderr, "create to listening: %.1f ms\n", milliseconds() - begin);
    printf("port %d\n", logos_p2p_port(node));
    fflush(stdout);
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) > 0) {
        int peers;
        if (sscanf(line, "peers %d", &peers) == 1) {
            EVENTUALLY(logos_p2p_connection_count(node) >= peers);
            printf("ok\n");
            fflush(stdout);
        } else {
            CHECK(logos_p2p_propagate(node, line, (size_t)length - 1) == 1);
        }
    }
    free(line);
    CHECK(logos_p2p_free(node) == LOGOS_P2P_OK);
    return 0;
}
