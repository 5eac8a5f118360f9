/* What a power cut takes away from files that were not flushed: for fault.c, which tells of each call that did well. */
#pragma once

#include <fcntl.h>

/* A folder beside the watched one, where what may have to come back is kept. */
void cut_begin(char const* beside);
void cut_opened(int fd, char const* path, int created);
void cut_closed(int fd);
void cut_will_write(int fd);
void cut_flushed(int fd);
void cut_will_replace(char const* path); /* by rename, or because it is unlinked */
void cut_renamed(char const* from, char const* to);
void cut_unlinked(char const* path);
void cut_made(char const* path); /* a folder or a link */
/* Octets that were not flushed go; with `names`, so do names whose folder was not. */
void cut_power(int names);
