set(TP_TRIPLET arm-linux-gnueabihf)
set(CMAKE_SYSTEM_PROCESSOR arm)
# Debian's C library for armhf has no start code for static programs that lie anywhere.
set(TP_STATIC -static CACHE STRING "")
# Files, and their numbers on large disks, have 64 bits here, too. -Wno-psabi: GCC tells that it passed some arguments otherwise
# before version 7.1.
set(TP_ARCHITECTURE_FLAGS -fno-PIE -D_FILE_OFFSET_BITS=64 -Wno-psabi)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
