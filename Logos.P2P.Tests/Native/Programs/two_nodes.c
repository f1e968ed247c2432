/*
 * Nodes in one process, in C: a - b - c in a line, and d who comes later. b refuses to pass on what begins with "no";
 * what begins with "!" is important. Also: what may be called when, errors instead of crashes, and what is left of the
 * process's signals and environment.
 */
#define _GNU_SOURCE
#include "check.h"

#include <signal.h>
#include <stdatomic.h>

extern char **environ;

typedef struct program_node {
    logos_p2p *node;
    atomic_int received;
    atomic_int important;
    atomic_int direct;
    atomic_int refused_calls;
    atomic_bool is_over;
    char last[64];
} program_node;

static void remember(program_node *self, const void *message, size_t size)
{
    CHECK(!self->is_over);
    size_t kept = size < sizeof self->last - 1 ? size : sizeof self->last - 1;
    memcpy(self->last, message, kept);
    self->last[kept] = 0;
    if (size > 0 && *(const char *)message == '!')
        self->important++;
}

static bool receive(void *context, const void *message, size_t size)
{
    program_node *self = context;
    remember(self, message, size);
    bool is_good = size < 2 || memcmp(message, "no", 2) != 0;
    if (size == 6 && memcmp(message, "answer", 6) == 0) {
        /* Propagating from within is what replies are made of; stopping would wait for itself. */
        CHECK(logos_p2p_propagate(self->node, "the answer", 10) == 1);
        CHECK(logos_p2p_stop(self->node) == LOGOS_P2P_E_IN_CALLBACK);
        CHECK(strstr(logos_p2p_last_error(), "callback") != NULL);
        CHECK(logos_p2p_free(self->node) == LOGOS_P2P_E_IN_CALLBACK);
        CHECK(logos_p2p_save_databases(self->node) == LOGOS_P2P_E_IN_CALLBACK);
        self->refused_calls++;
    }
    self->received++;
    return is_good;
}

static int32_t judge(void *context, const logos_p2p_message *message)
{
    CHECK(message->data != NULL && message->id != NULL && message->peer > 0);
    return receive(context, message->data, message->size) ? LOGOS_P2P_PROPAGATE : LOGOS_P2P_CONSUME;
}

static bool is_important(void *context, const void *message, size_t size)
{
    (void)context;
    return size > 0 && *(const char *)message == '!';
}

static void receive_direct(void *context, const logos_p2p_message *message)
{
    program_node *self = context;
    CHECK(!self->is_over && message->size == 7 && memcmp(message->data, "for you", 7) == 0);
    self->direct++;
}

static void log_line(void *context, int level, const char *line)
{
    program_node *self = context;
    CHECK(!self->is_over && level >= LOGOS_P2P_LOG_INFO && *line != 0);
}

static void start(program_node *self, int peer_port, bool judges, bool is_inline)
{
    char peer[32] = "0";
    if (peer_port > 0)
        snprintf(peer, sizeof peer, "127.0.0.1:%d", peer_port);
    logos_p2p_setting settings[] = {
        { "regtest", NULL }, { "bind", "127.0.0.1" }, { "port", "0" }, { "connect", peer },
    };
    logos_p2p_host host = {
        .size = sizeof host, .context = self, .receive = receive, .judge = judges ? judge : NULL,
        .is_important = is_important, .receive_direct = receive_direct, .log = log_line, .inline_callbacks = is_inline,
    };
    self->node = logos_p2p_create(settings, sizeof settings / sizeof *settings, &host);
    CHECK(self->node != NULL);
    CHECK(logos_p2p_propagate(self->node, "x", 1) == LOGOS_P2P_E_STATE);
    CHECK(logos_p2p_start(self->node) == LOGOS_P2P_OK);
    CHECK(logos_p2p_start(self->node) == LOGOS_P2P_E_STATE);
    CHECK(logos_p2p_port(self->node) > 0);
}

static void stop(program_node *self)
{
    CHECK(logos_p2p_stop(self->node) == LOGOS_P2P_OK);
    self->is_over = true;
    CHECK(logos_p2p_stop(self->node) == LOGOS_P2P_E_STATE);
    CHECK(logos_p2p_propagate(self->node, "x", 1) == LOGOS_P2P_E_STATE);
    CHECK(logos_p2p_peers(self->node, NULL, NULL) < 0);
    CHECK(logos_p2p_free(self->node) == LOGOS_P2P_OK);
    CHECK(logos_p2p_free(self->node) == LOGOS_P2P_E_HANDLE);
    CHECK(logos_p2p_propagate(self->node, "x", 1) == LOGOS_P2P_E_HANDLE);
}

static void greet_first_peer(void *context, const logos_p2p_peer *peer)
{
    program_node *self = context;
    CHECK(strncmp(peer->endpoint, "127.0.0.1:", 10) == 0 && strncmp(peer->user_agent, "/LogosP2P:", 10) == 0);
    CHECK(logos_p2p_send_direct(self->node, peer->id, "for you", 7) == 1);
}

static void count_option(void *context, const char *name, const char *value_name, const char *description, int flags)
{
    int *seen = context;
    CHECK(*name != '-' && *description != 0);
    CHECK((*value_name != 0) == ((flags & LOGOS_P2P_OPTION_ARGUMENT) != 0));
    *seen += strcmp(name, "addnode") == 0 ? (flags & LOGOS_P2P_OPTION_LIST) : strcmp(name, "listen") == 0 ? 100 : 0;
}

static void errors_are_answers(void)
{
    logos_p2p *nothing[] = { NULL, (logos_p2p *)(uintptr_t)0x1234567, (logos_p2p *)nothing };
    for (size_t i = 0; i < 3; i++) {
        logos_p2p *node = nothing[i];
        int next = 0;
        char *addresses[1];
        uint8_t id[LOGOS_P2P_ID_SIZE] = { 0 };
        CHECK(logos_p2p_start(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_stop(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_free(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_propagate(node, "x", 1) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_send_direct(node, 1, "x", 1) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_report_invalid(node, id) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_port(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_connection_count(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_peers(node, greet_first_peer, NULL) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_disconnect(node, 1) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_add_peers(node, NULL, 0) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_get_peers(node, &next, addresses, 1) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_ban(node, "192.0.2.1", 0) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_unban(node, "192.0.2.1") == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_is_banned(node, "192.0.2.1") == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_save_databases(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_load_databases(node) == LOGOS_P2P_E_HANDLE);
        CHECK(logos_p2p_metrics_json(node) == NULL);
    }

    logos_p2p_setting unknown = { "adnode", "x" }, bad_number = { "port", "70000" }, no_value = { "port", NULL },
                      bad_name = { NULL, "x" };
    CHECK(logos_p2p_create(&unknown, 1, NULL) == NULL && strstr(logos_p2p_last_error(), "adnode") != NULL);
    CHECK(logos_p2p_create(&bad_number, 1, NULL) == NULL && strstr(logos_p2p_last_error(), "65535") != NULL);
    CHECK(logos_p2p_create(&no_value, 1, NULL) == NULL && strstr(logos_p2p_last_error(), "value") != NULL);
    CHECK(logos_p2p_create(&bad_name, 1, NULL) == NULL);
    CHECK(logos_p2p_create(NULL, 1, NULL) == NULL);
    logos_p2p_host too_small = { .size = 1 };
    CHECK(logos_p2p_create(NULL, 0, &too_small) == NULL);
    char *arguments[] = { (char *)"program", (char *)"-regtest", (char *)"stray", NULL };
    CHECK(logos_p2p_create_from_arguments(3, arguments, NULL) == NULL && strstr(logos_p2p_last_error(), "stray") != NULL);
}

static void addresses_and_bans(program_node *self)
{
    const char *told[] = { "192.0.2.1", "192.0.2.2:5", "[2001:db8::1]:6", "a.name", "192.0.2.3" };
    CHECK(logos_p2p_add_peers(self->node, told, 5) == 3);
    CHECK(logos_p2p_add_peers(self->node, NULL, 1) == LOGOS_P2P_E_ARGUMENT);
    int next = 0, all = 0;
    char *got[8];
    while (all < 3) {
        int count = logos_p2p_get_peers(self->node, &next, got, 2);
        CHECK(count > 0 && next >= 0);
        for (int i = 0; i < count; i++) {
            CHECK(strchr(got[i], ':') != NULL);
            free(got[i]);
        }
        all += count;
    }
    CHECK(logos_p2p_get_peers(self->node, &next, got, 0) == 0);

    CHECK(logos_p2p_ban(self->node, "198.51.100.0/24", 100) == LOGOS_P2P_OK);
    CHECK(logos_p2p_is_banned(self->node, "198.51.100.7") == 1);
    CHECK(logos_p2p_is_banned(self->node, "198.51.100.7:14495") == 1);
    CHECK(logos_p2p_is_banned(self->node, "198.51.101.7") == 0);
    CHECK(logos_p2p_unban(self->node, "198.51.100.7") == 0);
    CHECK(logos_p2p_unban(self->node, "198.51.100.0/24") == 1);
    CHECK(logos_p2p_is_banned(self->node, "198.51.100.7") == 0);
    CHECK(logos_p2p_ban(self->node, "somebody", 0) == LOGOS_P2P_E_ARGUMENT);
    CHECK(logos_p2p_ban(self->node, "198.51.100.7", -1) == LOGOS_P2P_E_ARGUMENT);
    CHECK(logos_p2p_ban(self->node, NULL, 0) == LOGOS_P2P_E_ARGUMENT);
}

static char **copy_environment(void)
{
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    char **copy = malloc((count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = strdup(environ[i]);
    copy[count] = NULL;
    return copy;
}

int main(void)
{
    struct sigaction before[NSIG], after;
    signal(SIGTERM, SIG_IGN);
    memset(before, 0, sizeof before);
    for (int i = 1; i < NSIG; i++)
        sigaction(i, NULL, &before[i]);
    char **environment = copy_environment();
    CHECK(logos_p2p_abi_version() == LOGOS_P2P_ABI_VERSION);
    CHECK(*logos_p2p_last_error() == 0);

    program_node a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
    start(&a, 0, false, false);
    start(&b, logos_p2p_port(a.node), true, true);
    start(&c, logos_p2p_port(b.node), false, true);
    /* Each end is ready when it has the other's answer, so all three are asked. */
    EVENTUALLY(logos_p2p_connection_count(a.node) == 1 && logos_p2p_connection_count(b.node) == 2
               && logos_p2p_connection_count(c.node) == 1);

    /* Both ways. */
    CHECK(logos_p2p_propagate(a.node, "from a", 6) == 1);
    EVENTUALLY(c.received == 1);
    CHECK(strcmp(c.last, "from a") == 0);
    CHECK(logos_p2p_propagate(c.node, "from c", 6) == 1);
    EVENTUALLY(a.received == 1 && b.received == 2);

    /* What b refuses comes to b and no further. */
    CHECK(logos_p2p_propagate(a.node, "no further", 10) == 1);
    EVENTUALLY(b.received == 3);
    CHECK(logos_p2p_propagate(a.node, "further", 7) == 1);
    EVENTUALLY(c.received == 2);
    CHECK(strcmp(c.last, "further") == 0);

    /* An empty message is one too. */
    CHECK(logos_p2p_propagate(a.node, NULL, 0) == 1);
    EVENTUALLY(c.received == 3);
    CHECK(logos_p2p_propagate(a.node, NULL, 1) == LOGOS_P2P_E_ARGUMENT);
    char *large = calloc(LOGOS_P2P_MAX_MESSAGE + 1, 1);
    CHECK(logos_p2p_propagate(a.node, large, LOGOS_P2P_MAX_MESSAGE + 1) == LOGOS_P2P_E_ARGUMENT);
    free(large);

    /* From within a callback. */
    CHECK(logos_p2p_propagate(a.node, "answer", 6) == 1);
    EVENTUALLY(b.refused_calls == 1 && c.refused_calls == 1);

    /* Directly. */
    CHECK(logos_p2p_peers(c.node, greet_first_peer, &c) == 1);
    EVENTUALLY(b.direct == 1);
    CHECK(logos_p2p_send_direct(c.node, 1000, "x", 1) == 0);
    CHECK(logos_p2p_disconnect(c.node, 1000) == 0);

    /* Who comes later gets what is important, once; and what comes after it is not before it. */
    CHECK(logos_p2p_propagate(a.node, "!important", 10) == 1);
    EVENTUALLY(c.important == 1);
    start(&d, logos_p2p_port(b.node), false, false);
    EVENTUALLY(d.important == 1);
    CHECK(logos_p2p_propagate(a.node, "the last", 8) == 1);
    EVENTUALLY(strcmp(d.last, "the last") == 0);
    CHECK(d.important == 1 && d.received == 2 && c.important == 1);

    addresses_and_bans(&a);
    errors_are_answers();
    int options = 0;
    CHECK(logos_p2p_options(count_option, &options) > 30 && options == 102);
    CHECK(logos_p2p_options(NULL, NULL) == LOGOS_P2P_E_ARGUMENT);
    char *metrics = logos_p2p_metrics_json(a.node);
    CHECK(metrics != NULL && *metrics == '{' && strstr(metrics, "\"connections\":1,") != NULL);
    free(metrics);

    stop(&d);
    stop(&a);
    stop(&c);
    stop(&b);

    /* The process is as it was. */
    size_t left = 0;
    for (size_t i = 0; environment[i] != NULL; i++, left++) {
        CHECK(environ[i] != NULL && strcmp(environ[i], environment[i]) == 0);
        free(environment[i]);
    }
    free(environment);
    CHECK(environ[left] == NULL);
    printf("signals:");
    for (int i = 1; i < NSIG; i++) {
        /* Two belong to the C library alone. */
        if (sigaction(i, NULL, &after) == 0 && after.sa_handler != before[i].sa_handler)
            printf(" %d", i);
    }
    printf("\n");
    return 0;
}
