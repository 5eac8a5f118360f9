/* A library to be preloaded: makes one call into the kernel fail, or kills the program in front of it.
 *
 *     TP_FAULT_UNDER=FOLDER   which files count: those under it; all sockets do
 *     TP_FAULT=NUMBER:KIND    at the NUMBERth call: "kill" or "EIO", or the power is cut: "cut" (what was not flushed is gone),
 *                             "cut-octets" (names stay, octets go); at the NUMBERth that may need space: "ENOSPC"; at the
 *                             NUMBERth write: "half", that is half of it and then ENOSPC
 *     TP_FAULT_COUNT=FILE     the numbers of calls, of those that may need space, and of writes are written there in the end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/power_cut.h"

enum { most_descriptors = 1024 };

/* What a call is counted as; it counts as all the lesser ones too. */
enum sort { any_call, needs_space, writes, sorts };

static char watched[most_descriptors];
static long calls[sorts], chosen;
static enum sort counted;
static int cut_short; /* half of a write was done: the rest is to fail */
static char const* under;
static char const* kind;
static char const* count_file;
static int cuts; /* what a power cut takes has to be known */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
    under = getenv("TP_FAULT_UNDER");
    count_file = getenv("TP_FAULT_COUNT");
    char const* const what = getenv("TP_FAULT");
    chosen = what ? atol(what) : 0;
    kind = what && strchr(what, ':') ? strchr(what, ':') + 1 : "";
    counted = strcmp(kind, "half") == 0 ? writes : strcmp(kind, "ENOSPC") == 0 ? needs_space : any_call;
    cuts = strncmp(kind, "cut", 3) == 0;
    if (!cuts) return;
    static char beside[512];
    snprintf(beside, sizeof beside, "%s-cut", under);
    cut_begin(beside);
}

__attribute__((destructor)) static void end(void)
{
    if (!count_file) return;
    int const fd = REAL(open)(count_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dprintf(fd, "%ld %ld %ld\n", calls[any_call], calls[needs_space], calls[writes]);
}

/* Whether this call is to fail; errno then says how. */
static int fails(enum sort what)
{
    for (int each = any_call; each <= (int)what; ++each) ++calls[each];
    if (what < counted || calls[counted] != chosen) return 0;
    if (cuts) cut_power(strcmp(kind, "cut") == 0);
    if (cuts || strcmp(kind, "kill") == 0) raise(SIGKILL);
    errno = strcmp(kind, "EIO") == 0 ? EIO : ENOSPC;
    return 1;
}

static int is_watched(int fd)
{
    return fd >= 0 && fd < most_descriptors && watched[fd];
}

static int is_ours(char const* path)
{
    size_t const length = under ? strlen(under) : 0;
    return under && strncmp(path, under, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int watch(int fd)
{
    if (fd >= 0 && fd < most_descriptors) watched[fd] = 1;
    return fd;
}

int open(char const* path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t const mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!is_ours(path)) return REAL(open)(path, flags, mode);
    if (fails((flags & O_CREAT) ? needs_space : any_call)) return -1;
    int const is_new = cuts && (flags & O_CREAT) && access(path, F_OK) != 0;
    int const fd = watch(REAL(open)(path, flags, mode));
    if (cuts && fd >= 0) cut_opened(fd, path, is_new);
    return fd;
}

int close(int fd)
{
    if (fd >= 0 && fd < most_descriptors) watched[fd] = 0;
    if (cuts) cut_closed(fd);
    return REAL(close)(fd);
}

int socket(int domain, int type, int protocol)
{
    return fails(any_call) ? -1 : watch(REAL(socket)(domain, type, protocol));
}

ssize_t read(int fd, void* to, size_t size)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(read)(fd, to, size);
}

ssize_t write(int fd, void const* from, size_t size)
{
    if (!is_watched(fd)) return REAL(write)(fd, from, size);
    if (cut_short) {
        errno = ENOSPC;
        return -1;
    }
    if (!fails(writes)) {
        if (cuts) cut_will_write(fd);
        return REAL(write)(fd, from, size);
    }
    cut_short = counted == writes;
    return cut_short ? REAL(write)(fd, from, size / 2) : -1;
}

int fsync(int fd)
{
    if (is_watched(fd) && fails(needs_space)) return -1;
    int const done = REAL(fsync)(fd);
    if (cuts && done == 0 && is_watched(fd)) cut_flushed(fd);
    return done;
}

int ftruncate(int fd, off_t length)
{
    return is_watched(fd) && fails(needs_space) ? -1 : REAL(ftruncate)(fd, length);
}

int fchmod(int fd, mode_t mode)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(fchmod)(fd, mode);
}

int rename(char const* from, char const* to)
{
    if (!is_ours(from)) return REAL(rename)(from, to);
    if (fails(needs_space)) return -1;
    if (cuts) cut_will_replace(to);
    int const done = REAL(rename)(from, to);
    if (cuts && done == 0) cut_renamed(from, to);
    return done;
}

int unlink(char const* path)
{
    if (!is_ours(path)) return REAL(unlink)(path);
    if (fails(any_call)) return -1;
    if (cuts) cut_will_replace(path);
    int const done = REAL(unlink)(path);
    if (cuts && done == 0) cut_unlinked(path);
    return done;
}

int mkdir(char const* path, mode_t mode)
{
    if (!is_ours(path)) return REAL(mkdir)(path, mode);
    int const done = fails(needs_space) ? -1 : REAL(mkdir)(path, mode);
    if (cuts && done == 0) cut_made(path);
    return done;
}

int rmdir(char const* path)
{
    return is_ours(path) && fails(any_call) ? -1 : REAL(rmdir)(path);
}

int symlink(char const* to, char const* path)
{
    if (!is_ours(path)) return REAL(symlink)(to, path);
    int const done = fails(needs_space) ? -1 : REAL(symlink)(to, path);
    if (cuts && done == 0) cut_made(path);
    return done;
}

ssize_t readlink(char const* path, char* to, size_t size)
{
    return is_ours(path) && fails(any_call) ? -1 : REAL(readlink)(path, to, size);
}

int connect(int fd, struct sockaddr const* to, socklen_t size)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(connect)(fd, to, size);
}

ssize_t sendmsg(int fd, struct msghdr const* message, int flags)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(sendmsg)(fd, message, flags);
}

ssize_t send(int fd, void const* from, size_t size, int flags)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(send)(fd, from, size, flags);
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(recvmsg)(fd, message, flags);
}

ssize_t recv(int fd, void* to, size_t size, int flags)
{
    return is_watched(fd) && fails(any_call) ? -1 : REAL(recv)(fd, to, size, flags);
}
