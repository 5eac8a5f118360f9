set(TP_TRIPLET x86_64-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# Relative relocations are packed (RELR): unpacked they are read once, at the start, and stay resident.
set(TP_STATIC -static-pie -Wl,-z,pack-relative-relocs CACHE STRING "")
set(TP_ARCHITECTURE_FLAGS -fPIE -fcf-protection)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
