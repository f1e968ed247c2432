/*
 * Debian's liblmdb.a is compiled for programs, and reaches for stderr in a way that a shared library cannot. eng/publish-native
 * makes it reach for this one instead.
 */
#include <stdio.h>

__attribute__((visibility("hidden"))) FILE *lmdb_stderr;

__attribute__((constructor)) static void set_lmdb_stderr(void)
{
    lmdb_stderr = stderr;
}
