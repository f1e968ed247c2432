/*
 * A few lines of C around the runtime inside of liblogosp2p.so, linked in by eng/publish-native (-Wl,--wrap), so that the
 * process stays the host's.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

/*
 * The runtime ignores SIGPIPE for the whole process, because its sends would raise it when a peer is gone. Here they do not
 * raise it, and it stays as the host has it.
 */
ssize_t __real_send(int socket, const void *bytes, size_t size, int flags);
ssize_t __real_sendmsg(int socket, const struct msghdr *message, int flags);
int __real_sigaction(int number, const struct sigaction *action, struct sigaction *before);
void (*__real_signal(int number, void (*handler)(int)))(int);

ssize_t __wrap_send(int socket, const void *bytes, size_t size, int flags)
{
    return __real_send(socket, bytes, size, flags | MSG_NOSIGNAL);
}

ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags)
{
    return __real_sendmsg(socket, message, flags | MSG_NOSIGNAL);
}

int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    return __real_sigaction(number, number == SIGPIPE ? NULL : action, before);
}

void (*__wrap_signal(int number, void (*handler)(int)))(int)
{
    return number == SIGPIPE ? SIG_DFL : __real_signal(number, handler);
}

/*
 * Debian's liblmdb.a is compiled for programs, and reaches for stderr in a way that a shared library cannot.
 * eng/publish-native makes it reach for this one instead.
 */
__attribute__((visibility("hidden"))) FILE *lmdb_stderr;

__attribute__((constructor)) static void set_lmdb_stderr(void)
{
    lmdb_stderr = stderr;
}
