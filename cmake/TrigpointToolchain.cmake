# Language level, warnings, sanitizers, and the tools that make a build quick where they are installed.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

option(TP_TESTS "Build unit tests and register all tests" OFF)
option(TP_FUZZ "Build the fuzz targets (needs clang)" OFF)
option(TP_BENCH "Build the benchmarks" OFF)
option(TP_PROBE_ONLY "Build only what a probe needs" OFF)
option(TP_PCH "Compile heavy headers of others once" OFF)
option(TP_STATIC_PROBE "Link trigpoint-probe statically" OFF)
# A program that may lie anywhere (-static-pie) costs a probe 1.8 MB of resident memory.
set(TP_STATIC -static-pie CACHE STRING "How the compiler is told to link statically: -static-pie, or -static")
set(TP_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

find_program(TP_CCACHE ccache)
if(TP_CCACHE)
    # ccache takes precompiled headers only from those who say so.
    set(ccache_is CCACHE_SLOPPINESS=pch_defines,time_macros)
    # Where a base_dir is configured, ccache compiles with other names of files, which are in the octets of a release.
    if(TP_STATIC_PROBE)
        list(APPEND ccache_is CCACHE_BASEDIR=)
    endif()
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${ccache_is} ${TP_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${TP_CCACHE})
endif()
find_program(TP_MOLD mold)
if(TP_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

if(TP_SANITIZE)
    add_compile_options(-fsanitize=${TP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TP_SANITIZE})
endif()
# Two checks of `undefined` that cost a fifth of a build: the address sanitizer reports a null that is used, and nothing of
# ours casts down a hierarchy.
if(TP_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fno-sanitize=null,vptr)
endif()

# Linked privately by every target of ours, so that headers of others are not judged by our warnings.
add_library(tp_warnings INTERFACE)
target_compile_options(tp_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports these falsely inside coroutines and Boost.
    target_compile_options(tp_warnings INTERFACE -Wno-maybe-uninitialized -Wno-missing-field-initializers
                           -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer
                           $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-Wno-mismatched-new-delete>)
    if(TP_SANITIZE STREQUAL "thread")
        # Asio has a fence that TSan does not model; our loops have one thread each.
        target_compile_options(tp_warnings INTERFACE -Wno-tsan -Wno-mismatched-new-delete)
    endif()
else()
    target_compile_options(tp_warnings INTERFACE -Wno-missing-field-initializers)
endif()
