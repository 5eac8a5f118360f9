/* A library to be preloaded: makes one call into the kernel fail, or kills the program in front of it.
 *
 *     TP_FAULT_ON=network     calls on TCP's sockets are counted, in place of those on files
 *     TP_FAULT_UNDER=FOLDER   which files count: those under it
 *     TP_FAULT=NUMBER:KIND    at the NUMBERth call: "kill", or the name of an error ("EIO"), or the power is cut: "cut" (what
 *                             was not flushed is gone), "cut-octets" (names stay, octets go); at the NUMBERth that may need
 *                             space: "ENOSPC"; at the NUMBERth write: "half", that is half of it and then ENOSPC; at the
 *                             NUMBERth that receives from the network: "short", that is one octet of what came
 *     TP_FAULT_STRUCK=FILE    the name of the call that was struck is written there; if the file is there nothing fails: who
 *                             was killed may be started again
 *     TP_FAULT_COUNT=FILE     the numbers of calls, of those that may need space, and of writes (of the network: of what
 *                             receives) are written there in the end
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/fault.h"
#include "tests/support/power_cut.h"

enum { most_descriptors = 1024 };

static unsigned char about_of[most_descriptors];
static long calls[sorts], chosen;
static enum sort counted;
static enum about domain = files;
static int cut_short; /* half of a write was done: the rest is to fail */
static char const* under;
static char const* kind;
static char const* count_file;
static char const* struck_file;
static int cuts; /* what a power cut takes has to be known */

static struct {
    char const* name;
    int number;
} const errors[] = {{"EIO", EIO},         {"ENOSPC", ENOSPC},         {"half", ENOSPC},  {"ECONNRESET", ECONNRESET},
                    {"ENOBUFS", ENOBUFS}, {"ETIMEDOUT", ETIMEDOUT}};

static int is_kind(char const* name)
{
    return strcmp(kind, name) == 0;
}

static enum sort sort_of_kind(void)
{
    if (is_kind("half") || is_kind("short")) return divisible;
    return domain == files && is_kind("ENOSPC") ? needs_space : any_call;
}

__attribute__((constructor)) static void begin(void)
{
    char const* const on = getenv("TP_FAULT_ON");
    if (on && strcmp(on, "network") == 0) domain = network;
    under = getenv("TP_FAULT_UNDER");
    count_file = getenv("TP_FAULT_COUNT");
    struck_file = getenv("TP_FAULT_STRUCK");
    char const* const what = getenv("TP_FAULT");
    int const was_struck = struck_file && access(struck_file, F_OK) == 0;
    chosen = what && !was_struck ? atol(what) : 0;
    kind = what && strchr(what, ':') ? strchr(what, ':') + 1 : "";
    counted = sort_of_kind();
    cuts = strncmp(kind, "cut", 3) == 0;
    if (!cuts) return;
    static char beside[512];
    snprintf(beside, sizeof beside, "%s-cut", under);
    cut_begin(beside);
}

static void write_file(char const* file, char const* text)
{
    int const fd = REAL(open)(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || REAL(write)(fd, text, strlen(text)) < 0) perror(file);
    REAL(close)(fd);
}

__attribute__((destructor)) static void end(void)
{
    if (!count_file) return;
    char text[64];
    snprintf(text, sizeof text, "%ld %ld %ld\n", calls[any_call], calls[needs_space], calls[divisible]);
    write_file(count_file, text);
}

int in_part(void)
{
    return is_kind("half") || is_kind("short");
}

int fails(char const* call, enum about what, enum sort sort)
{
    if (what != domain) return 0;
    for (int each = any_call; each <= (int)sort; ++each) ++calls[each];
    if (sort < counted || calls[counted] != chosen) return 0;
    if (struck_file) write_file(struck_file, call);
    if (cuts) cut_power(is_kind("cut"));
    if (cuts || is_kind("kill")) raise(SIGKILL);
    errno = EIO;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; ++i)
        if (is_kind(errors[i].name)) errno = errors[i].number;
    return 1;
}

enum about watched(int fd)
{
    return fd >= 0 && fd < most_descriptors ? (enum about)about_of[fd] : nothing;
}

int watch(int fd, enum about what)
{
    if (fd >= 0 && fd < most_descriptors) about_of[fd] = (unsigned char)what;
    return fd;
}

void forget(int fd)
{
    watch(fd, nothing);
}

static int is_ours(char const* path)
{
    size_t const length = under ? strlen(under) : 0;
    return under && strncmp(path, under, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Whether a call on a file is to fail. */
static int fails_on(char const* call, int fd, enum sort sort)
{
    return watched(fd) == files && fails(call, files, sort);
}

int open(char const* path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t const mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!is_ours(path)) return REAL(open)(path, flags, mode);
    if (fails("open", files, (flags & O_CREAT) ? needs_space : any_call)) return -1;
    int const is_new = cuts && (flags & O_CREAT) && access(path, F_OK) != 0;
    int const fd = watch(REAL(open)(path, flags, mode), files);
    if (cuts && fd >= 0) cut_opened(fd, path, is_new);
    return fd;
}

int close(int fd)
{
    int const is_lost = watched(fd) == network && fails("close", network, any_call);
    int const why = errno;
    forget(fd);
    if (cuts) cut_closed(fd);
    int const done = REAL(close)(fd); /* Linux closes it, whatever it says */
    if (!is_lost) return done;
    errno = why;
    return -1;
}

ssize_t read(int fd, void* to, size_t size)
{
    if (watched(fd) == network) return read_stream(fd, to, size);
    return fails_on("read", fd, any_call) ? -1 : REAL(read)(fd, to, size);
}

ssize_t write(int fd, void const* from, size_t size)
{
    if (watched(fd) == network) return write_stream(fd, from, size);
    if (watched(fd) != files) return REAL(write)(fd, from, size);
    if (cut_short) {
        errno = ENOSPC;
        return -1;
    }
    if (!fails("write", files, divisible)) {
        if (cuts) cut_will_write(fd);
        return REAL(write)(fd, from, size);
    }
    cut_short = in_part();
    return cut_short ? REAL(write)(fd, from, size / 2) : -1;
}

int fsync(int fd)
{
    if (fails_on("fsync", fd, needs_space)) return -1;
    int const done = REAL(fsync)(fd);
    if (cuts && done == 0 && watched(fd) == files) cut_flushed(fd);
    return done;
}

int ftruncate(int fd, off_t length)
{
    return fails_on("ftruncate", fd, needs_space) ? -1 : REAL(ftruncate)(fd, length);
}

int fchmod(int fd, mode_t mode)
{
    return fails_on("fchmod", fd, any_call) ? -1 : REAL(fchmod)(fd, mode);
}

int rename(char const* from, char const* to)
{
    if (!is_ours(from)) return REAL(rename)(from, to);
    if (fails("rename", files, needs_space)) return -1;
    if (cuts) cut_will_replace(to);
    int const done = REAL(rename)(from, to);
    if (cuts && done == 0) cut_renamed(from, to);
    return done;
}

int unlink(char const* path)
{
    if (!is_ours(path)) return REAL(unlink)(path);
    if (fails("unlink", files, any_call)) return -1;
    if (cuts) cut_will_replace(path);
    int const done = REAL(unlink)(path);
    if (cuts && done == 0) cut_unlinked(path);
    return done;
}

int mkdir(char const* path, mode_t mode)
{
    if (!is_ours(path)) return REAL(mkdir)(path, mode);
    int const done = fails("mkdir", files, needs_space) ? -1 : REAL(mkdir)(path, mode);
    if (cuts && done == 0) cut_made(path);
    return done;
}

int rmdir(char const* path)
{
    return is_ours(path) && fails("rmdir", files, any_call) ? -1 : REAL(rmdir)(path);
}

int symlink(char const* to, char const* path)
{
    if (!is_ours(path)) return REAL(symlink)(to, path);
    int const done = fails("symlink", files, needs_space) ? -1 : REAL(symlink)(to, path);
    if (cuts && done == 0) cut_made(path);
    return done;
}

ssize_t readlink(char const* path, char* to, size_t size)
{
    return is_ours(path) && fails("readlink", files, any_call) ? -1 : REAL(readlink)(path, to, size);
}
