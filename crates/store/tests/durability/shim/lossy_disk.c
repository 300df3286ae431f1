/*
 * A disk that loses what was not synced: an LD_PRELOAD library for tests.
 *
 * Files in the directory LOSSY_DIRECTORY (all but SQLite's "-shm", which is memory) are written
 * through to the real ones, and every write and truncation is remembered with what was there
 * before. fsync and fdatasync forget a file's memories: they are durable. On SIGUSR2 the memories
 * are undone, newest first, then a part of them is done again, oldest first (LOSSY_KEEP percent,
 * each whole or only its first 512-byte sectors, as a real disk may write in any order), and the
 * process is killed, with every writer held back from the moment the loss begins.
 *
 * While the file LOSSY_DIRECTORY/full exists, writes that would make a file longer fail with
 * ENOSPC.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, DESCRIPTORS = 1024 };

struct memory {
    struct memory *older;
    char path[256];
    ino_t file;
    off_t at;          /* where it was written */
    size_t length;     /* how much; 0 for a truncation */
    off_t size_before; /* of the file */
    off_t size_after;
    size_t old_length; /* how much of the range existed before */
    unsigned char *old_bytes;
    unsigned char *new_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct memory *newest;
static char directory[256];
static char full_marker[300];
static int keep_percent;
static unsigned random_state = 1;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

static unsigned next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 16;
}

static void find_real_functions(void)
{
    if (real_fdatasync)
        return;
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
}

/* The path of a tracked file, or 0. */
static int tracked(int fd, char *path, size_t size)
{
    char link[64];
    if (!directory[0] || fd < 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    size_t prefix = strlen(directory);
    if (strncmp(path, directory, prefix) != 0 || path[prefix] != '/')
        return 0;
    const char *suffix = length > 4 ? path + length - 4 : "";
    return strcmp(suffix, "-shm") != 0;
}

/* Called under the lock, before the change; returns 0 where memory runs out. */
static struct memory *remember(int fd, const char *path, const void *bytes, size_t length,
                               off_t at, off_t size_after)
{
    struct stat now;
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory || fstat(fd, &now) != 0)
        abort();
    snprintf(memory->path, sizeof memory->path, "%s", path);
    memory->file = now.st_ino;
    memory->at = at;
    memory->length = length;
    memory->size_before = now.st_size;
    memory->size_after = size_after > now.st_size || !length ? size_after : now.st_size;
    size_t range = length ? length : (size_t)(now.st_size > at ? now.st_size - at : 0);
    memory->old_bytes = malloc(range + 1);
    memory->new_bytes = malloc(length + 1);
    if (!memory->old_bytes || !memory->new_bytes)
        abort();
    /* SQLite opens its files for reading and writing. */
    ssize_t got = at < now.st_size ? pread(fd, memory->old_bytes, range, at) : 0;
    memory->old_length = got > 0 ? (size_t)got : 0;
    if (length)
        memcpy(memory->new_bytes, bytes, length);
    memory->older = newest;
    newest = memory;
    return memory;
}

static void forget_memory(struct memory *memory)
{
    free(memory->old_bytes);
    free(memory->new_bytes);
    free(memory);
}

static void forget_file(int fd)
{
    struct stat now;
    if (fstat(fd, &now) != 0)
        return;
    struct memory **link = &newest;
    while (*link) {
        struct memory *memory = *link;
        if (memory->file == now.st_ino) {
            *link = memory->older;
            forget_memory(memory);
        } else {
            link = &memory->older;
        }
    }
}

static int disk_is_full(int fd, off_t end)
{
    struct stat now;
    return access(full_marker, F_OK) == 0 && fstat(fd, &now) == 0 && end > now.st_size;
}

static ssize_t lossy_pwrite(int fd, const char *path, const void *bytes, size_t length, off_t at)
{
    if (disk_is_full(fd, at + (off_t)length)) {
        errno = ENOSPC;
        return -1;
    }
    remember(fd, path, bytes, length, at, at + (off_t)length);
    return real_pwrite(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at)
{
    char path[PATH_MAX];
    find_real_functions();
    if (!tracked(fd, path, sizeof path))
        return real_pwrite(fd, bytes, length, at);
    pthread_mutex_lock(&lock);
    ssize_t written = lossy_pwrite(fd, path, bytes, length, at);
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return pwrite64(fd, bytes, length, at);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    char path[PATH_MAX];
    find_real_functions();
    if (!tracked(fd, path, sizeof path))
        return real_write(fd, bytes, length);
    pthread_mutex_lock(&lock);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t written = lossy_pwrite(fd, path, bytes, length, at);
    int saved = errno;
    if (written > 0)
        lseek(fd, at + written, SEEK_SET);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return written;
}

int ftruncate64(int fd, off_t size)
{
    char path[PATH_MAX];
    find_real_functions();
    if (!tracked(fd, path, sizeof path))
        return real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    remember(fd, path, "", 0, size, size);
    int done = real_ftruncate(fd, size);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int sync_with(int (*real)(int), int fd)
{
    char path[PATH_MAX];
    if (!tracked(fd, path, sizeof path))
        return real(fd);
    pthread_mutex_lock(&lock);
    /* Not passed on: the test asks whether it was called, and machines differ in its price. */
    forget_file(fd);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd)
{
    find_real_functions();
    return sync_with(real_fsync, fd);
}

int fdatasync(int fd)
{
    find_real_functions();
    return sync_with(real_fdatasync, fd);
}

static void undo(const struct memory *memory)
{
    int fd = open(memory->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (memory->old_length &&
        real_pwrite(fd, memory->old_bytes, memory->old_length, memory->at) < 0)
        abort();
    if (real_ftruncate(fd, memory->size_before) != 0)
        abort();
    close(fd);
}

static void do_again(const struct memory *memory)
{
    size_t length = memory->length;
    int fd = open(memory->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (!length) {
        if (real_ftruncate(fd, memory->size_after) != 0)
            abort();
    } else {
        if (next_random() % 4 == 0 && length > SECTOR)
            length = SECTOR * (1 + next_random() % (length / SECTOR));
        if (real_pwrite(fd, memory->new_bytes, length, memory->at) < 0)
            abort();
    }
    close(fd);
}

static void lose(void)
{
    struct memory *oldest_kept = NULL;
    pthread_mutex_lock(&lock);
    struct memory *memory = newest;
    while (memory) {
        struct memory *older = memory->older;
        undo(memory);
        if ((int)(next_random() % 100) < keep_percent) {
            /* Turns the order round: the last one put here is the oldest. */
            memory->older = oldest_kept;
            oldest_kept = memory;
        }
        memory = older;
    }
    for (memory = oldest_kept; memory; memory = memory->older)
        do_again(memory);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void *wait_for_the_end(void *signals)
{
    int signal = 0;
    if (sigwait(signals, &signal) == 0)
        lose();
    return NULL;
}

__attribute__((constructor)) static void begin(void)
{
    static sigset_t signals;
    pthread_t thread;
    const char *where = getenv("LOSSY_DIRECTORY");
    const char *keep = getenv("LOSSY_KEEP");
    const char *seed = getenv("LOSSY_SEED");
    find_real_functions();
    if (!where)
        return;
    snprintf(directory, sizeof directory, "%s", where);
    snprintf(full_marker, sizeof full_marker, "%s/full", where);
    keep_percent = keep ? atoi(keep) : 0;
    random_state = seed ? (unsigned)atoi(seed) : 1;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (pthread_create(&thread, NULL, wait_for_the_end, &signals) != 0)
        abort();
}
