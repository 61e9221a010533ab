// Preloaded into a process, it lets calls about the files of its database fail as a disk does.
//
// DISK_FAULTS names a file; while it is there, each of its lines is a call (open, write or sync) and
// the errno with which it fails.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

static int is_data(const char *path) { return strstr(path, "mysms.sqlite3") != NULL; }

static int is_data_file(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_data(path);
}

// The errno that a call is to fail with, or 0.
static int fault(const char *call) {
    const char *path = getenv("DISK_FAULTS");
    FILE *faults = path ? fopen(path, "re") : NULL;
    if (!faults) return 0;
    char name[16];
    int code, found = 0;
    while (fscanf(faults, "%15s %d", name, &code) == 2)
        if (!strcmp(name, call)) found = code;
    fclose(faults);
    return found;
}

static int fails(const char *call, int file) {
    int code = is_data_file(file) ? fault(call) : 0;
    if (code) errno = code;
    return code;
}

#define OPEN(function)                                                             \
    int function(const char *path, int flags, ...) {                               \
        va_list rest;                                                              \
        va_start(rest, flags);                                                     \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;    \
        va_end(rest);                                                              \
        int writes = (flags & O_ACCMODE) != O_RDONLY;                              \
        int code = writes && is_data(path) ? fault("open") : 0;                    \
        if (code) {                                                                \
            errno = code;                                                          \
            return -1;                                                             \
        }                                                                          \
        return NEXT(function)(path, flags, mode);                                  \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *bytes, size_t count) {
    return fails("write", file) ? -1 : NEXT(write)(file, bytes, count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    return fails("write", file) ? -1 : NEXT(pwrite64)(file, bytes, count, offset);
}

int ftruncate64(int file, off64_t length) {
    return fails("write", file) ? -1 : NEXT(ftruncate64)(file, length);
}

int fsync(int file) { return fails("sync", file) ? -1 : NEXT(fsync)(file); }

int fdatasync(int file) { return fails("sync", file) ? -1 : NEXT(fdatasync)(file); }
