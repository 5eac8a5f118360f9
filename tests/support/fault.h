/* What fault.c and fault_network.c share: which call it is, and whether it is to fail. */
#pragma once

#include <dlfcn.h>
#include <sys/types.h>

/* The function that ours stands before. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What a call is about. One of them is counted. */
enum about { nothing, files, network };

/* What a call is counted as; it counts as all the lesser ones too. Divisible are writes, and of the network what receives. */
enum sort { any_call, needs_space, divisible, sorts };

enum about watched(int fd);
int watch(int fd, enum about); /* returns the descriptor */
void forget(int fd);

/* Whether this call is to fail; errno then says how. */
int fails(char const* call, enum about, enum sort);
/* Whether fails() is true for a call that is to be done in part. */
int in_part(void);

/* read(2) and write(2) of a socket. */
ssize_t read_stream(int fd, void* to, size_t size);
ssize_t write_stream(int fd, void const* from, size_t size);
