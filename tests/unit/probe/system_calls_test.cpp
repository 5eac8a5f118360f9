// The filter's table, judged as the kernel would; and the real thing, in a process of its own.
#include "probe/agent/system_calls.hpp"

#include <gtest/gtest.h>

#include <linux/audit.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/files.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/sha256.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::probe {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t ours = AUDIT_ARCH_X86_64, other = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t ours = AUDIT_ARCH_AARCH64, other = AUDIT_ARCH_ARM;
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

using enum call_verdict;

call_verdict say(std::uint32_t number, std::array<std::uint64_t, 6> arguments = {})
{
    static auto const filter = system_call_filter();
    return judge(filter, {ours, number, arguments});
}

TEST(system_calls, what_measuring_and_keeping_files_needs_is_allowed)
{
    for (auto const number :
         {SYS_sendto,    SYS_sendmsg,         SYS_recvmsg,   SYS_connect,       SYS_bind,     SYS_setsockopt,
          SYS_epoll_ctl, SYS_timerfd_settime, SYS_read,      SYS_write,         SYS_openat,   SYS_renameat,
          SYS_fsync,     SYS_ftruncate,       SYS_unlinkat,  SYS_getdents64,    SYS_munmap,   SYS_brk,
          SYS_futex,     SYS_rt_sigaction,    SYS_getrandom, SYS_clock_gettime, SYS_adjtimex, SYS_exit_group,
          SYS_mkdirat,   SYS_flock,           SYS_readlinkat}) {
        EXPECT_EQ(say(static_cast<std::uint32_t>(number)), allow) << number;
    }
}

TEST(system_calls, what_takes_over_a_machine_ends_the_program)
{
    for (auto const number : {SYS_execve,
                              SYS_execveat,
                              SYS_process_vm_readv,
                              SYS_process_vm_writev,
                              SYS_init_module,
                              SYS_kexec_load,
                              SYS_bpf,
                              SYS_io_uring_setup,
                              SYS_io_uring_enter,
                              SYS_io_uring_register,
                              SYS_setuid,
                              SYS_setresuid,
                              SYS_capset,
                              SYS_mount,
                              SYS_umount2,
                              SYS_pivot_root,
                              SYS_chroot,
                              SYS_unshare,
                              SYS_setns,
                              SYS_perf_event_open,
                              SYS_userfaultfd,
                              SYS_keyctl,
                              SYS_listen,
                              SYS_accept,
                              SYS_accept4,
                              SYS_clock_settime}) {
        EXPECT_EQ(say(static_cast<std::uint32_t>(number)), kill) << number;
    }
    if (!sanitized) {
        EXPECT_EQ(say(SYS_ptrace), kill) << "only the sanitizers' search for leaks may";
    }
}

TEST(system_calls, what_nobody_thought_of_is_denied)
{
    for (auto const number : {SYS_kill, SYS_setpriority, SYS_inotify_init1, SYS_memfd_create, SYS_shmget,
                              SYS_socketpair, SYS_fchown, SYS_symlinkat, SYS_linkat, SYS_seccomp, SYS_setsid})
        EXPECT_EQ(say(static_cast<std::uint32_t>(number)), deny) << number;
    EXPECT_EQ(say(0x3fff'ffff), deny);
    if (!sanitized) {
        for (auto const number : {SYS_clone, SYS_prctl, SYS_prlimit64})
            EXPECT_EQ(say(static_cast<std::uint32_t>(number)), deny);
    }
}

TEST(system_calls, another_set_of_numbers_is_no_way_around)
{
    auto const filter = system_call_filter();
    EXPECT_EQ(judge(filter, {other, SYS_read, {}}), kill);
    EXPECT_EQ(judge(filter, {0, SYS_read, {}}), kill);
#if defined(__x86_64__)
    EXPECT_EQ(say(0x4000'0000U | SYS_read), kill) << "x32";
    EXPECT_EQ(say(0xffff'ffff), kill);
#endif
}

TEST(system_calls, sockets_are_for_udp_tcp_and_our_own_addresses)
{
    struct row {
        int domain, type, protocol;
        call_verdict wanted;
    };
    for (auto const& [domain, type, protocol, wanted] : {
             row{AF_INET, SOCK_DGRAM, 0, allow},
             row{AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP, allow},
             row{AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, allow},
             row{AF_INET6, SOCK_DGRAM, 0, allow},
             row{AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0, allow},
             row{AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE, allow},
             row{AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, deny},
             row{AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, deny},
             row{AF_INET, SOCK_RAW, IPPROTO_ICMP, deny},
             row{AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6, deny},
             row{AF_INET, SOCK_SEQPACKET, 0, deny},
             row{AF_PACKET, SOCK_RAW, 0, deny},
             row{AF_PACKET, SOCK_DGRAM, 0, deny},
             row{AF_UNIX, SOCK_STREAM, 0, deny},
             row{AF_UNIX, SOCK_DGRAM, 0, deny},
             row{AF_VSOCK, SOCK_STREAM, 0, deny},
             row{AF_ALG, SOCK_SEQPACKET, 0, deny},
         }) {
        std::array<std::uint64_t, 6> const arguments{
            static_cast<std::uint64_t>(domain), static_cast<std::uint64_t>(type), static_cast<std::uint64_t>(protocol)};
        EXPECT_EQ(say(SYS_socket, arguments), wanted) << domain << ' ' << type << ' ' << protocol;
    }
}

TEST(system_calls, what_was_written_cannot_be_run)
{
    EXPECT_EQ(say(SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS}), allow);
    EXPECT_EQ(say(SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}), deny);
    EXPECT_EQ(say(SYS_mprotect, {0, 4096, PROT_READ}), allow);
    EXPECT_EQ(say(SYS_mprotect, {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC}), deny);
    constexpr std::uint64_t fionbio = 0x5421, tiocsti = 0x5412;
    EXPECT_EQ(say(SYS_ioctl, {0, fionbio}), allow);
    EXPECT_EQ(say(SYS_ioctl, {0, tiocsti}), deny);
}

/// Ends the child with 0 if all is as it should be; else with the number of the step that was not.
[[noreturn]] void live_under_the_filter()
{
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!restrict_system_calls()) ::_exit(1);
    if (::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != (sanitized ? 2 : -1)) ::_exit(2);
    if (::socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM) ::_exit(3);
    if (::socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno != EPERM) ::_exit(4);
    if (::socket(AF_INET, SOCK_DGRAM, 0) < 0) ::_exit(5);
    if (::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) ::_exit(6);
    ::_exit(0);
}

TEST(system_calls, the_kernel_takes_the_filter_and_keeps_to_it)
{
    auto const child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) live_under_the_filter();
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// Exit status 0: a release lies in partition b, as the agent puts it there.
[[noreturn]] void install_under_the_filter(std::filesystem::path const& folder)
{
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!restrict_system_calls()) ::_exit(1);
    firmware::real_disk disk;
    firmware::slots_on_disk slots(disk, {folder, folder / "a", folder / "b"});
    firmware::offer what;
    what.content = {"t", "m", 2, 0, 3, firmware::sha256_hex("new")};
    auto const done =
        firmware::install(slots, what, {"m", {}}, firmware::slot::a, [&] { return disk.open(folder / "new"); });
    ::_exit(done.why == firmware::cause::none ? 0 : 2);
}

TEST(system_calls, an_agent_under_the_filter_can_install_into_a_partition)
{
    test::temporary_folder const folder;
    auto const here = folder / ".";
    for (auto const* const each : {"a", "b"}) ASSERT_TRUE(write_atomically(here / each, std::string(8192, '\0')));
    ASSERT_TRUE(write_atomically(here / "new", "new"));
    ASSERT_TRUE(write_atomically(here / "old", "old"));
    firmware::real_disk disk;
    firmware::slots_on_disk slots(disk, {here, here / "a", here / "b"});
    firmware::offer first;
    first.content = {"t", "m", 1, 0, 3, firmware::sha256_hex("old")};
    ASSERT_EQ(firmware::install(slots, first, {"m", {}}, {}, [&] { return disk.open(here / "old"); }).why,
              firmware::cause::none);
    ASSERT_TRUE(firmware::commit(slots, firmware::slot::a, 1));
    auto const child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) install_under_the_filter(here);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(system_calls, a_program_that_runs_another_or_listens_is_ended)
{
    for (auto const number : {SYS_execve, SYS_listen, SYS_setuid}) {
        auto const child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (!restrict_system_calls()) ::_exit(1);
            ::syscall(number, 0, 0, 0);
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << number << ": " << status;
    }
}

}  // namespace
}  // namespace tp::probe
