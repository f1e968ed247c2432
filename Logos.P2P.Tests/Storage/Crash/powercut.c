/* Loaded before the C library into a process that stores something (LD_PRELOAD). Counts what the process does to the files
 * below one directory, and at a chosen one of these operations ends the process as a kill or a power cut would.
 *
 *   POWERCUT_DIR    the directory; nothing else is looked at
 *   POWERCUT_AT     the operation at which to end, from 1; 0 only counts
 *   POWERCUT_MODE   before: the process is killed before the operation
 *                   torn:   half of what the operation writes is on disk
 *                   lost:   the power fails before the operation, and what was written and never flushed is lost, each write
 *                           or not, as POWERCUT_SEED has it; 0 loses all
 *   POWERCUT_COUNT  a file that gets the number of operations when the process ends by itself
 *
 * What a power cut can lose follows from POSIX: what a file was written since its last fsync, fdatasync or msync. So each
 * write remembers what it wrote over until the file is flushed, and "lost" puts that back, the latest first. A write to a
 * file opened with O_DSYNC is flushed when it returns. Renames are not taken back: a test looks at both names.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The exit status by which a test knows that it was us. */
enum { ENDED = 77 };

struct undo {
    struct undo *before;
    dev_t device;
    ino_t inode;
    char path[PATH_MAX];
    off_t offset;
    off_t size_before;
    size_t length; /* of what was there */
    size_t written;
    char *bytes;
};

static pthread_mutex_t gate = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct undo *unflushed;
static long operations;
static long end_at;
static const char *directory, *mode = "", *count_file;
static unsigned long seed;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("POWERCUT_AT"), *how = getenv("POWERCUT_MODE"), *with = getenv("POWERCUT_SEED");
    directory = getenv("POWERCUT_DIR");
    count_file = getenv("POWERCUT_COUNT");
    end_at = at ? atol(at) : 0;
    mode = how ? how : "before";
    seed = with ? strtoul(with, NULL, 10) : 0;
    real_pwrite = next("pwrite");
    real_ftruncate = next("ftruncate");
}

__attribute__((destructor)) static void end(void)
{
    if (!count_file)
        return;
    FILE *file = fopen(count_file, "w");
    if (!file)
        return;
    fprintf(file, "%ld\n", operations);
    fclose(file);
}

/* Whether a descriptor is a regular file in the directory; tells its path. */
static int is_ours(int fd, char *path)
{
    char link[64];
    if (!directory || fd < 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    return strncmp(path, directory, strlen(directory)) == 0;
}

static int is_below(const char *path) { return directory && path && strncmp(path, directory, strlen(directory)) == 0; }

static void remember(int fd, const char *path, off_t offset, size_t length)
{
    struct stat at;
    if (fstat(fd, &at) != 0)
        return;
    struct undo *one = calloc(1, sizeof *one);
    one->before = unflushed;
    one->device = at.st_dev;
    one->inode = at.st_ino;
    snprintf(one->path, sizeof one->path, "%s", path);
    one->offset = offset;
    one->size_before = at.st_size;
    one->written = length;
    one->bytes = malloc(length ? length : 1);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t was = reader < 0 ? 0 : pread(reader, one->bytes, length, offset);
    one->length = was > 0 ? (size_t)was : 0;
    if (reader >= 0)
        close(reader);
    unflushed = one;
}

static void forget(int fd)
{
    struct stat at;
    if (fstat(fd, &at) != 0)
        return;
    for (struct undo **one = &unflushed; *one;) {
        if ((*one)->device == at.st_dev && (*one)->inode == at.st_ino) {
            struct undo *gone = *one;
            *one = gone->before;
            free(gone->bytes);
            free(gone);
        } else {
            one = &(*one)->before;
        }
    }
}

static int is_lost(void)
{
    if (seed == 0)
        return 1;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed & 1;
}

/* Puts back what was written over. A file that grew keeps its size unless all is lost: the size is no part of the data. */
static void lose(void)
{
    int all = seed == 0;
    for (struct undo *one = unflushed; one; one = one->before) {
        if (!is_lost())
            continue;
        int fd = open(one->path, O_WRONLY | O_CLOEXEC);
        struct stat at;
        if (fd < 0)
            continue;
        if (fstat(fd, &at) == 0 && at.st_dev == one->device && at.st_ino == one->inode) {
            real_pwrite(fd, one->bytes, one->length, one->offset);
            for (size_t i = one->length; i < one->written; i++)
                real_pwrite(fd, "", 1, one->offset + (off_t)i);
            if (all)
                real_ftruncate(fd, one->size_before);
        }
        close(fd);
    }
}

static void finish(void)
{
    if (strcmp(mode, "lost") == 0)
        lose();
    _exit(ENDED);
}

/* Counts an operation. Ends the process if it is the one; true when half of it is to be done before that. */
static int step(void)
{
    operations++;
    if (operations != end_at)
        return 0;
    if (strcmp(mode, "torn") == 0)
        return 1;
    finish();
    return 0;
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset, ssize_t (*go)(int, const void *, size_t, off_t))
{
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return go(fd, bytes, length, offset);
    pthread_mutex_lock(&gate);
    if (step()) {
        go(fd, bytes, length / 2, offset);
        finish();
    }
    if (!(fcntl(fd, F_GETFL) & O_DSYNC))
        remember(fd, path, offset, length);
    ssize_t written = go(fd, bytes, length, offset);
    pthread_mutex_unlock(&gate);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset, real_pwrite); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset, real_pwrite); }

static ssize_t write_here(int fd, const void *bytes, size_t length, off_t offset)
{
    (void)offset;
    static ssize_t (*go)(int, const void *, size_t);
    if (!go)
        go = (ssize_t(*)(int, const void *, size_t))next("write");
    return go(fd, bytes, length);
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_at(fd, bytes, length, lseek(fd, 0, SEEK_CUR), write_here); }

static ssize_t write_vector(int fd, const struct iovec *parts, int count, off_t offset)
{
    static ssize_t (*go)(int, const struct iovec *, int, off_t);
    if (!go)
        go = (ssize_t(*)(int, const struct iovec *, int, off_t))next("pwritev");
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return go(fd, parts, count, offset);
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    pthread_mutex_lock(&gate);
    if (step()) {
        go(fd, parts, count / 2, offset);
        finish();
    }
    if (!(fcntl(fd, F_GETFL) & O_DSYNC))
        remember(fd, path, offset, length);
    ssize_t written = go(fd, parts, count, offset);
    pthread_mutex_unlock(&gate);
    return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return write_vector(fd, parts, count, offset); }

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) { return write_vector(fd, parts, count, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    static ssize_t (*go)(int, const struct iovec *, int);
    char path[PATH_MAX];
    if (!go)
        go = (ssize_t(*)(int, const struct iovec *, int))next("writev");
    if (!is_ours(fd, path))
        return go(fd, parts, count);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t written = write_vector(fd, parts, count, at);
    if (written > 0)
        lseek(fd, at + written, SEEK_SET);
    return written;
}

static int flush(int fd, const char *name)
{
    int (*go)(int) = (int (*)(int))next(name);
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return go(fd);
    pthread_mutex_lock(&gate);
    if (step())
        finish();
    int result = go(fd);
    if (result == 0)
        forget(fd);
    pthread_mutex_unlock(&gate);
    return result;
}

int fsync(int fd) { return flush(fd, "fsync"); }

int fdatasync(int fd) { return flush(fd, "fdatasync"); }

/* Only LMDB maps files here, and it writes through the map in no mode that we use: all that can be seen is the order. */
int msync(void *address, size_t length, int flags)
{
    static int (*go)(void *, size_t, int);
    if (!go)
        go = (int (*)(void *, size_t, int))next("msync");
    pthread_mutex_lock(&gate);
    if (step())
        finish();
    int result = go(address, length, flags);
    pthread_mutex_unlock(&gate);
    return result;
}

static int truncate_to(int fd, off_t length)
{
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return real_ftruncate(fd, length);
    pthread_mutex_lock(&gate);
    if (step())
        finish();
    int result = real_ftruncate(fd, length);
    pthread_mutex_unlock(&gate);
    return result;
}

int ftruncate(int fd, off_t length) { return truncate_to(fd, length); }

int ftruncate64(int fd, off_t length) { return truncate_to(fd, length); }

int rename(const char *from, const char *to)
{
    static int (*go)(const char *, const char *);
    if (!go)
        go = (int (*)(const char *, const char *))next("rename");
    if (!is_below(to))
        return go(from, to);
    pthread_mutex_lock(&gate);
    if (step())
        finish();
    int result = go(from, to);
    pthread_mutex_unlock(&gate);
    return result;
}

int unlink(const char *path)
{
    static int (*go)(const char *);
    if (!go)
        go = (int (*)(const char *))next("unlink");
    if (!is_below(path))
        return go(path);
    pthread_mutex_lock(&gate);
    if (step())
        finish();
    int result = go(path);
    pthread_mutex_unlock(&gate);
    return result;
}
