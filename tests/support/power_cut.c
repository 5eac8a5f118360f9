#define _GNU_SOURCE
#include "tests/support/power_cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Calls of our own must not be watched. */
#include <dlfcn.h>
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { most_descriptors = 1024, most_changes = 512, longest_path = 512 };
typedef char path_text[longest_path];

static path_text paths[most_descriptors];
static struct {
    path_text path;
    off_t flushed;
} dirty[most_changes];
static int dirty_count;

enum change { created, replaced, unlinked };
static struct {
    enum change is;
    path_text from, path, kept; /* kept: what had the name before; empty: nothing had */
} names[most_changes];
static int name_count;

static path_text beside, kept_next;
static int kept_count;

static void set(path_text to, char const* from)
{
    snprintf(to, longest_path, "%s", from);
}

void cut_begin(char const* folder)
{
    set(beside, folder);
    REAL(mkdir)(beside, 0700);
}

static int find_dirty(char const* path)
{
    for (int i = 0; i < dirty_count; ++i)
        if (strcmp(dirty[i].path, path) == 0) return i;
    return -1;
}

static void note_name(enum change is, char const* from, char const* path)
{
    if (name_count == most_changes) abort();
    names[name_count].is = is;
    set(names[name_count].from, from);
    set(names[name_count].path, path);
    set(names[name_count++].kept, kept_next);
    kept_next[0] = 0;
}

void cut_opened(int fd, char const* path, int is_created)
{
    if (fd < 0 || fd >= most_descriptors) return;
    set(paths[fd], path);
    if (is_created) note_name(created, "", path);
}

void cut_closed(int fd)
{
    if (fd >= 0 && fd < most_descriptors) paths[fd][0] = 0;
}

void cut_will_write(int fd)
{
    struct stat about;
    if (!paths[fd][0] || find_dirty(paths[fd]) >= 0 || fstat(fd, &about) != 0) return;
    if (dirty_count == most_changes) abort();
    set(dirty[dirty_count].path, paths[fd]);
    dirty[dirty_count++].flushed = about.st_size;
}

static int is_in(char const* path, char const* folder)
{
    size_t const length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/' && !strchr(path + length + 1, '/');
}

void cut_flushed(int fd)
{
    int const at = find_dirty(paths[fd]);
    if (at >= 0) dirty[at] = dirty[--dirty_count];
    int left = 0;
    for (int i = 0; i < name_count; ++i)
        if (!is_in(names[i].path, paths[fd])) names[left++] = names[i];
    name_count = left;
}

void cut_will_replace(char const* path)
{
    snprintf(kept_next, longest_path, "%.400s/%d", beside, kept_count++);
    if (linkat(AT_FDCWD, path, AT_FDCWD, kept_next, 0) != 0) kept_next[0] = 0;
}

void cut_renamed(char const* from, char const* to)
{
    size_t const length = strlen(from);
    for (int i = 0; i < dirty_count; ++i) {
        if (strncmp(dirty[i].path, from, length) != 0) continue;
        path_text moved;
        snprintf(moved, longest_path, "%.250s%.250s", to, dirty[i].path + length);
        set(dirty[i].path, moved);
    }
    note_name(replaced, from, to);
}

void cut_unlinked(char const* path)
{
    int const at = find_dirty(path);
    if (at >= 0) dirty[at] = dirty[--dirty_count];
    note_name(unlinked, "", path);
}

void cut_made(char const* path)
{
    note_name(created, "", path);
}

void cut_power(int with_names)
{
    for (int i = 0; i < dirty_count; ++i)
        if (truncate(dirty[i].path, dirty[i].flushed) != 0) perror(dirty[i].path);
    while (with_names && name_count > 0) {
        --name_count;
        char const* const path = names[name_count].path;
        if (names[name_count].is == replaced) REAL(rename)(path, names[name_count].from);
        if (names[name_count].is == created && REAL(unlink)(path) != 0) REAL(rmdir)(path);
        if (names[name_count].kept[0]) REAL(rename)(names[name_count].kept, path);
    }
}
