# What the toolchain files of this folder share: a release for one architecture, against the unpacked packages in TP_SYSROOT
# (deploy/platforms/sysroot), the same octets in whatever folder it is built.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TP_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${TP_TRIPLET}-gcc-12)
set(CMAKE_CXX_COMPILER ${TP_TRIPLET}-g++-12)
set(CMAKE_SYSROOT ${TP_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${TP_TRIPLET})
set(CMAKE_FIND_ROOT_PATH ${TP_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${TP_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${TP_SYSROOT}/usr/lib/${TP_TRIPLET}/pkgconfig:${TP_SYSROOT}/usr/share/pkgconfig)
set(OPENSSL_USE_STATIC_LIBS ON)
set(Protobuf_USE_STATIC_LIBS ON)

# No path of the machine that builds gets into the program; what attackers of memory meet is on.
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
string(JOIN " " TP_PLATFORM_FLAGS "-ffile-prefix-map=${source}=." "-ffile-prefix-map=${TP_SYSROOT}="
       "-ffile-prefix-map=${CMAKE_BINARY_DIR}=." -ffunction-sections -fdata-sections -fstack-protector-strong
       -fstack-clash-protection -D_FORTIFY_SOURCE=2 ${TP_ARCHITECTURE_FLAGS})
set(CMAKE_C_FLAGS_INIT "${TP_PLATFORM_FLAGS}")
set(CMAKE_CXX_FLAGS_INIT "${TP_PLATFORM_FLAGS}")
# The cross compiler has a C library of its own, older than Debian's newest; that one comes first.
set(libraries ${TP_SYSROOT}/usr/lib/${TP_TRIPLET})
list(JOIN TP_STATIC " " linked)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "${linked} -B${libraries} -L${libraries} -L${TP_SYSROOT}/usr/lib/gcc/${TP_TRIPLET}/12 -Wl,-z,relro,-z,now,-z,noexecstack")
