/*
 * Logos P2P for C: a gossip overlay that carries opaque messages to every node.
 *
 *   logos_p2p_host host = { .size = sizeof host, .receive = on_message };
 *   logos_p2p_setting settings[] = { { "datadir", "data" }, { "addnode", "192.0.2.1:14495" } };
 *   logos_p2p *node = logos_p2p_create(settings, 2, &host);
 *   if (node == NULL || logos_p2p_start(node) < 0)
 *       fprintf(stderr, "%s\n", logos_p2p_last_error());
 *   logos_p2p_propagate(node, "hello", 5);
 *   logos_p2p_stop(node);
 *   logos_p2p_free(node);
 *
 * Everything here is C11 and the same for C++. docs/native.md tells more.
 *
 * HANDLES. A node is an opaque handle; any number of nodes may live in one process. A handle that is NULL, of a node that
 * was freed, or no handle at all is LOGOS_P2P_E_HANDLE from every function, never a crash.
 *
 * THREADS. Every function may be called from any thread at any time. Only start, stop, free, save_databases and
 * load_databases wait for anything.
 *
 * ERRORS. Functions that return int return zero or more when they did what they are for, and one of logos_p2p_result when
 * not; logos_p2p_last_error says in words what was wrong. No exception ever comes out of the library, and none may go into
 * it: a callback written in C++ catches everything itself.
 *
 * OWNERSHIP. What a function is given it copies, if it needs it longer than the call. What a callback is given is valid
 * during that call only. What a function returns as char * (not const) was made by malloc, and the caller frees it by free.
 *
 * CALLBACKS. They come on threads of the library, unless the host has threads for it (run). Within receive, judge,
 * judge_beginning and receive_direct everything may be called but start, stop, free, save_databases and load_databases of
 * the same node: those are LOGOS_P2P_E_IN_CALLBACK there. Within the other callbacks nothing of the library may be called.
 * When stop or free has returned no callback runs, and none will.
 *
 * THE PROCESS. The library changes no environment variable, no working directory, and no signal but those that its runtime
 * lives on: see "What the library does to the process" in docs/native.md. It writes to no stream. It cannot be unloaded.
 */
#ifndef LOGOS_P2P_H
#define LOGOS_P2P_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI that this header describes. Members are added to the ends of structs, and functions to the library, without
 * raising it; whatever would break a host that was compiled before raises it. */
#define LOGOS_P2P_ABI_VERSION 1u

/* Bytes of the largest message. */
#define LOGOS_P2P_MAX_MESSAGE 4000000u

/* Bytes of the name of a message: Blake2b-256 of its bytes. */
#define LOGOS_P2P_ID_SIZE 32u

/* A node. */
typedef struct logos_p2p logos_p2p;

/* What a function could not do. */
enum logos_p2p_result {
    LOGOS_P2P_OK = 0,             /* It was done. */
    LOGOS_P2P_E_ARGUMENT = -1,    /* An argument cannot be used. */
    LOGOS_P2P_E_HANDLE = -2,      /* The handle is NULL, or of a node that was freed. */
    LOGOS_P2P_E_STATE = -3,       /* The node does not run: it was not started, or it was stopped. Or it was started before. */
    LOGOS_P2P_E_OPTION = -4,      /* An option cannot be used. */
    LOGOS_P2P_E_IO = -5,          /* The system would not: a port, a file, the host's load or store. */
    LOGOS_P2P_E_IN_CALLBACK = -6, /* Not from within a callback of the same node. */
    LOGOS_P2P_E_FULL = -7,        /* There is no room for more. */
    LOGOS_P2P_E_INTERNAL = -8     /* A fault of the library. */
};

/* What the host decides about a message. */
enum logos_p2p_verdict {
    LOGOS_P2P_PROPAGATE = 0, /* Good: pass it on to the other peers. */
    LOGOS_P2P_CONSUME = 1,   /* Keep it but do not pass it on. Nobody is to blame. */
    LOGOS_P2P_REJECT = 2     /* Bad: do not pass it on, and disconnect and discourage whoever brought it. Every node must
                                come to the same answer from the bytes alone. */
};

/* How grave a line of the log is. */
enum logos_p2p_log_level {
    LOGOS_P2P_LOG_DEBUG = 1,
    LOGOS_P2P_LOG_INFO = 2,
    LOGOS_P2P_LOG_WARNING = 3,
    LOGOS_P2P_LOG_ERROR = 4
};

/* What an option takes: see logos_p2p_options. */
enum logos_p2p_option_flags {
    LOGOS_P2P_OPTION_ARGUMENT = 1, /* A value. Without this it is a switch: 1 or 0. */
    LOGOS_P2P_OPTION_LIST = 2      /* It may be given several times. */
};

/* An option and its value: the names of the program logosp2p's command line, without a dash. */
typedef struct logos_p2p_setting {
    const char *name;  /* "addnode" */
    const char *value; /* "192.0.2.1:14495"; of a switch NULL stands for "1" */
} logos_p2p_setting;

/* A message. */
typedef struct logos_p2p_message {
    const void *data;  /* Never NULL, not even when size is 0. */
    size_t size;       /* 0 to LOGOS_P2P_MAX_MESSAGE. */
    const uint8_t *id; /* LOGOS_P2P_ID_SIZE bytes. */
    int64_t peer;      /* Who delivered it: logos_p2p_peer.id. */
} logos_p2p_message;

/* A peer at one moment. */
typedef struct logos_p2p_peer {
    int64_t id;                /* Counts up, never used twice while a node runs. */
    const char *endpoint;      /* "192.0.2.1:14495" or "[2001:db8::1]:14495". */
    const char *user_agent;    /* Its software, safe to print; empty before the handshake. */
    const char *kind;          /* "inbound", "outbound", "quiet", "manual", "feeler" or "addrfetch". */
    int32_t is_ready;          /* 1 when the handshake is complete: messages flow. */
    int32_t protocol_version;  /* 0 before the handshake. */
    int64_t connected_seconds; /* How long it has been connected. */
    int64_t ping_microseconds; /* The latest round trip; -1 before the first. */
    int64_t bytes_received;
    int64_t bytes_sent;
} logos_p2p_peer;

/* What the host brings. All is optional; size is not. It is copied by create. */
typedef struct logos_p2p_host {
    /* sizeof(logos_p2p_host), so that the library knows which members this host was compiled with. */
    size_t size;

    /* Passed to each callback. */
    void *context;

    /* Called once for each distinct message of other nodes. True passes it on, false does not and blames nobody. Messages of
     * one peer come one after another; those of different peers may come at the same time, on several threads. */
    bool (*receive)(void *context, const void *message, size_t size);

    /* The same with three answers (enum logos_p2p_verdict), and called instead of receive when both are there. */
    int32_t (*judge)(void *context, const logos_p2p_message *message);

    /* Called with the first 16 to 64 KiB of a message of 128 KiB and more, before the rest is here, if there is this
     * callback. LOGOS_P2P_PROPAGATE passes its parts on as they come, which is several times faster. Also called for own
     * messages, with peer 0, on the thread that propagates. */
    int32_t (*judge_beginning)(void *context, const logos_p2p_message *beginning);

    /* Called for a message that was sent to this node alone: logos_p2p_send_direct. */
    void (*receive_direct)(void *context, const logos_p2p_message *message);

    /* Whether a message is given to those who connect later: the last 4,096 of a day are kept, and each peer that connects
     * gets each of them once. Called for what was accepted, and for own messages on the thread that propagates. Every node
     * must come to the same answer. */
    bool (*is_important)(void *context, const void *message, size_t size);

    /* Of important messages with the same key, which is not 0, only the one that came last is kept. */
    uint64_t (*important_key)(void *context, const void *message, size_t size);

    /* Whether a message is worth two copies to each node, by two ways, so that whoever fails does not delay it. Called for
     * every message before receive, as quick as reading a field; so is origin. Every node must come to the same answer. */
    bool (*is_urgent)(void *context, const void *message, size_t size);

    /* Who originated a message, if its bytes tell: any number but 0, the same for all messages of one origin. */
    uint32_t (*origin)(void *context, const void *message, size_t size);

    /* Where the node keeps what it must not forget, instead of in -datadir: a few values with names ("peers", "banlist",
     * "anchors", and "....bak" of what could not be read). load passes the value of a name to give(sink, ...) before it
     * returns, or does not call it when there is none; false says that it failed. store stores a value, of 8 MB at most, as
     * a whole or not at all; false says that it failed, and the node tries again later. One thread at a time calls them.
     * Both or none. One network (-testnet, -regtest) for one storage. */
    bool (*load)(void *context, const char *name, void (*give)(void *sink, const void *value, size_t size), void *sink);
    bool (*store)(void *context, const char *name, const void *value, size_t size);

    /* Where the node's work runs instead of on threads of its own: is to have task(argument) called, soon, once, on whatever
     * thread of the host, but not before it returns. It is called from any thread. Each call does one piece of work, callbacks
     * included; pieces may run at the same time. While the host waits in start, stop, free, save_databases or
     * load_databases, that thread does the work itself; so the host need not have a second one. Calls of task that the host
     * makes after the node is gone do nothing. */
    void (*run)(void *context, void (*task)(void *argument), void *argument);

    /* Takes a line of the log. */
    void (*log)(void *context, int level, const char *line);

    /* The least level that is logged (enum logos_p2p_log_level); 0 for LOGOS_P2P_LOG_INFO. The option -debug outranks it. */
    int32_t log_level;

    /* 0: messages are queued for receive and judge, which may take their time and delay nobody.
     * 1: receive and judge are called where messages arrive, which is the shortest way. They must return within
     *    microseconds and never block. */
    int32_t inline_callbacks;
} logos_p2p_host;

/* LOGOS_P2P_ABI_VERSION of the library. A host that finds another one than it was compiled with must not go on. */
uint32_t logos_p2p_abi_version(void);

/* What the last function that failed on this thread failed with: valid until another one fails on this thread, or it ends.
 * Never NULL; empty when none has failed. */
const char *logos_p2p_last_error(void);

/* Calls each for every option that create takes, in the order of help: its name without a dash, what its value stands for
 * ("" for a switch), what it does, and enum logos_p2p_option_flags. Returns how many. */
int logos_p2p_options(
    void (*each)(void *context, const char *name, const char *value_name, const char *description, int flags), void *context);

/* Makes a node, which does nothing before it is started. host may be NULL: the node then relays whatever comes.
 * NULL when an option cannot be used. Without datadir, and without load and store, it forgets everything when it ends. */
logos_p2p *logos_p2p_create(const logos_p2p_setting *settings, size_t count, const logos_p2p_host *host);

/* The same from a command line. argv[0] is passed over, as a program's name is; the rest are -name=value, --name=value,
 * --name value, -switch and -noswitch. What is none of that, and an option that is not known, is an error. */
logos_p2p *logos_p2p_create_from_arguments(int argc, char *const *argv, const logos_p2p_host *host);

/* Loads address book and bans, and starts to listen and to connect. Returns when the node listens; peers are found in the
 * background. Once for each node. */
int logos_p2p_start(logos_p2p *node);

/* Disconnects, stores address book and bans, and waits until no callback runs. For ever: a node is not started again. */
int logos_p2p_stop(logos_p2p *node);

/* Stops the node if it runs, and frees it. */
int logos_p2p_free(logos_p2p *node);

/* Sends a message to every node of the overlay. 1; or 0 only when no peer is connected. A message that was sent or received
 * before is not sent again, and the answer is 1. */
int logos_p2p_propagate(logos_p2p *node, const void *message, size_t size);

/* Sends a message to the receive_direct of one peer. 1; or 0 when there is no such peer or its queue is full. */
int logos_p2p_send_direct(logos_p2p *node, int64_t peer, const void *message, size_t size);

/* Takes LOGOS_P2P_PROPAGATE back: a message turned out to be bad. It is not sent any more, and whoever brought it is
 * disconnected and discouraged. id has LOGOS_P2P_ID_SIZE bytes. 1; or 0 when the node does not have it (any longer). */
int logos_p2p_report_invalid(logos_p2p *node, const uint8_t *id);

/* The port the node listens on; 0 when on none. What the system chose when it was asked to (-port=0). */
int logos_p2p_port(logos_p2p *node);

/* How many peers messages flow to. */
int logos_p2p_connection_count(logos_p2p *node);

/* Calls each for every connection that there is at this moment, on this thread. Returns how many there were. */
int logos_p2p_peers(logos_p2p *node, void (*each)(void *context, const logos_p2p_peer *peer), void *context);

/* Ends a connection. 1; or 0 when there is no such peer. */
int logos_p2p_disconnect(logos_p2p *node, int64_t peer);

/* Adds addresses to the address book: "192.0.2.1", "192.0.2.1:14495" or "[2001:db8::1]:14495", no names. Returns how many it
 * could read; it stops at the first that it cannot. Those that nobody could reach in this network are passed over. */
int logos_p2p_add_peers(logos_p2p *node, const char *const *addresses, size_t count);

/* Puts up to count addresses of the address book into addresses, from the one with the number *next on, and once round all
 * of them at most; sets *next to the number after the last one. 0 begins. Banned ones are among them. Returns how many; each
 * is freed by free. Where addresses come or go between two calls one may be missed or come twice. */
int logos_p2p_get_peers(logos_p2p *node, int *next, char **addresses, size_t count);

/* Bans hosts: "192.0.2.1", "192.0.2.0/24", or "192.0.2.1:14495", where the port does not count. They are disconnected, and
 * neither dialled nor let in. seconds 0 stands for -bantime (a day). LOGOS_P2P_OK also for those that are banned already. */
int logos_p2p_ban(logos_p2p *node, const char *hosts, int64_t seconds);

/* Lifts a ban. 1; or 0 when there is none of exactly these hosts. */
int logos_p2p_unban(logos_p2p *node, const char *hosts);

/* 1 when a host is banned, alone or with its subnet; else 0. */
int logos_p2p_is_banned(logos_p2p *node, const char *host);

/* Stores address book and bans now. The node does so by itself as well, soon after they change and when it stops. */
int logos_p2p_save_databases(logos_p2p *node);

/* Loads address book and bans again, and takes up what the node does not know. It does so by itself when it starts. 1; or 0
 * when neither was there. */
int logos_p2p_load_databases(logos_p2p *node);

/* What the node has counted, as an object of JSON, which the caller frees by free: "connections", "addresses",
 * "messagesReceived", "messagesPropagated", "messagesRejected", "memoryBytes", "traffic" by command, "dropped",
 * "disconnected" and "admissions" by reason, and more. Also of a node that does not run. NULL when there is no such node. */
char *logos_p2p_metrics_json(logos_p2p *node);

#ifdef __cplusplus
}
#endif

#endif
