#include "probe/agent/system_calls.hpp"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace tp::probe {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__) && defined(__ARM_EABI__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_ARM;
#else
#error "system_calls.cpp: name this architecture"
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

// Names that machines of 32 bits have for the same calls; those that they have besides stand below.
#if defined(__arm__)
constexpr auto map_memory = SYS_mmap2;
constexpr auto status_at = SYS_fstatat64;
#else
constexpr auto map_memory = SYS_mmap;
constexpr auto status_at = SYS_newfstatat;
#endif

/// x86-64 has a second set of numbers (x32), which would be a way around the first.
constexpr std::uint32_t x32_numbers = 0x40000000;

using numbers = std::vector<std::uint32_t>;

/// What measuring, talking, waiting and keeping files needs, the frequent ones first.
numbers harmless()
{
    return
    {
        // Packets and streams. Listening and accepting are not among them.
        SYS_sendto, SYS_recvmsg, SYS_sendmsg, SYS_recvfrom, SYS_sendmmsg, SYS_recvmmsg, SYS_epoll_pwait, SYS_epoll_ctl,
            SYS_timerfd_settime, SYS_connect, SYS_bind, SYS_getsockname, SYS_getpeername, SYS_getsockopt,
            SYS_setsockopt, SYS_shutdown, SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_eventfd2, SYS_timerfd_create,
            SYS_timerfd_gettime, SYS_pipe2, SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_close,
            // Time.
            SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_adjtimex,
            SYS_clock_adjtime,
            // Files: whose they are, the user id decides.
            SYS_openat, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_fallocate,
            SYS_fstat, status_at, SYS_statx, SYS_getdents64, SYS_renameat, SYS_renameat2, SYS_unlinkat, SYS_mkdirat,
            SYS_fchmod, SYS_fchmodat, SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_fcntl, SYS_dup, SYS_dup3,
            SYS_flock, SYS_getcwd, SYS_statfs, SYS_fstatfs, SYS_umask,
            // Memory; what may be run is looked at below.
            SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_mincore,
            // Itself.
            SYS_futex, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall,
            SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid,
            SYS_getresgid, SYS_tgkill, SYS_exit, SYS_exit_group, SYS_getrandom, SYS_uname, SYS_sysinfo, SYS_getrusage,
            SYS_sched_yield, SYS_sched_getaffinity, SYS_set_robust_list, SYS_get_robust_list, SYS_membarrier, SYS_times,
#if defined(SYS_fadvise64)  // what was installed is read from the disk again
            SYS_fadvise64,
#elif defined(SYS_arm_fadvise64_64)
            SYS_arm_fadvise64_64,
#endif
#if defined(SYS_rseq)
            SYS_rseq,
#endif
#if defined(SYS_futex_waitv)
            SYS_futex_waitv,
#endif
#if defined(__x86_64__)  // older ways to say the same
            SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_rename, SYS_unlink, SYS_mkdir, SYS_rmdir, SYS_chmod,
            SYS_readlink, SYS_poll, SYS_select, SYS_epoll_wait, SYS_epoll_create, SYS_pipe, SYS_dup2, SYS_time,
            SYS_arch_prctl, SYS_eventfd, SYS_getdents,
#endif
    };
}

/// What else 32 bits call the same: with 64 bits of a length or of a time, or older.
numbers harmless_with_32_bits()
{
#if defined(__arm__)
    return {SYS_clock_gettime64,
            SYS_clock_getres_time64,
            SYS_clock_nanosleep_time64,
            SYS_clock_adjtime64,
            SYS_ppoll_time64,
            SYS_pselect6_time64,
            SYS_recvmmsg_time64,
            SYS_timerfd_settime64,
            SYS_timerfd_gettime64,
            SYS_futex_time64,
            SYS_fcntl64,
            SYS_ftruncate64,
            SYS_fstat64,
            SYS_stat64,
            SYS_lstat64,
            SYS_statfs64,
            SYS_fstatfs64,
            SYS__llseek,
            SYS_send,
            SYS_recv,
            SYS_getuid32,
            SYS_geteuid32,
            SYS_getgid32,
            SYS_getegid32,
            SYS_getresuid32,
            SYS_getresgid32,
            SYS_sigreturn,
            SYS_open,
            SYS_access,
            SYS_rename,
            SYS_unlink,
            SYS_mkdir,
            SYS_rmdir,
            SYS_chmod,
            SYS_readlink,
            SYS_poll,
            SYS__newselect,
            SYS_epoll_wait,
            SYS_epoll_create,
            SYS_pipe,
            SYS_dup2,
            SYS_eventfd,
            SYS_getdents};
#else
    return {};
#endif
}

/// The same of what is dangerous.
numbers dangerous_with_32_bits()
{
#if defined(__arm__)
    return {SYS_setuid32,    SYS_setgid32,    SYS_setreuid32, SYS_setregid32, SYS_setresuid32,
            SYS_setresgid32, SYS_setgroups32, SYS_setfsuid32, SYS_setfsgid32, SYS_clock_settime64};
#else
    return {};
#endif
}

/// What the sanitizers do beside: stacks, names of threads, and their search for leaks, which traces the program.
numbers of_sanitizers()
{
    if (!sanitized) return {};
    return
    {
        SYS_clone, SYS_wait4, SYS_ptrace, SYS_prctl, SYS_set_tid_address, SYS_prlimit64,
#if defined(__x86_64__)
            SYS_fork,
#endif
            SYS_sched_getparam
    };
}

/// What takes over a machine, or lets somebody in.
numbers dangerous()
{
    return
    {
        // Other programs, and other processes' memory.
        SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd,
            // The kernel itself.
            SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_bpf, SYS_perf_event_open,
            SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_reboot, SYS_swapon,
            SYS_swapoff, SYS_acct, SYS_quotactl, SYS_syslog, SYS_open_by_handle_at,
#if defined(SYS_kexec_file_load)
            SYS_kexec_file_load,
#endif
#if defined(__x86_64__)
            SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
            // Who one is, and what one sees of the machine.
            SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups,
            SYS_setfsuid, SYS_setfsgid, SYS_capset, SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root,
            SYS_chroot, SYS_move_mount, SYS_fsopen, SYS_fsmount, SYS_open_tree, SYS_keyctl, SYS_add_key,
            SYS_request_key, SYS_settimeofday, SYS_clock_settime, SYS_sethostname, SYS_setdomainname, SYS_mknodat,
            SYS_personality,
            // A probe has no port.
            SYS_listen, SYS_accept, SYS_accept4,
    };
}

class builder {
public:
    void load(std::size_t offset) { put(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
    void load_argument(unsigned index)
    {
        // The low half: every argument that is looked at is an int, of which the kernel takes no more.
        load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
    }
    void mask(std::uint32_t bits) { put(BPF_ALU | BPF_AND | BPF_K, bits); }
    void say(std::uint32_t verdict) { put(BPF_RET | BPF_K, verdict); }
    void say_if_equal(std::uint32_t value, std::uint32_t verdict)
    {
        put(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
        say(verdict);
    }
    void say_if_all(std::uint32_t bits, std::uint32_t verdict)
    {
        put(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
        say(verdict);
    }
    void say_unless_equal(std::uint32_t value, std::uint32_t verdict)
    {
        put(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
        say(verdict);
    }
    void say_if_at_least(std::uint32_t value, std::uint32_t verdict)
    {
        put(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1);
        say(verdict);
    }
    /// Runs `then`, which must end with a verdict, for calls of this number.
    template <class Then>
    void if_number(std::uint32_t number, Then then)
    {
        builder inner;
        then(inner);
        put(BPF_JMP | BPF_JEQ | BPF_K, number, 0, static_cast<std::uint8_t>(inner.out_.size()));
        out_.insert(out_.end(), inner.out_.begin(), inner.out_.end());
    }
    std::vector<sock_filter> take() { return std::move(out_); }

private:
    void put(int code, std::uint32_t k, std::uint8_t if_true = 0, std::uint8_t if_false = 0)
    {
        out_.push_back({static_cast<std::uint16_t>(code), if_true, if_false, k});
    }
    std::vector<sock_filter> out_;
};

constexpr std::uint32_t allow = SECCOMP_RET_ALLOW, deny = SECCOMP_RET_ERRNO | EPERM, kill = SECCOMP_RET_KILL_PROCESS;

/// UDP, TCP and ping sockets over IP, and the one over which getifaddrs(3) asks for our own addresses. No raw ones, no
/// packet sockets: those that the engines use are open already.
void judge_socket(builder& out)
{
    out.load_argument(0);
    for (auto const domain : {AF_INET, AF_INET6})
        out.if_number(static_cast<std::uint32_t>(domain), [](builder& in) {
            in.load_argument(1);
            in.mask(~static_cast<std::uint32_t>(SOCK_CLOEXEC | SOCK_NONBLOCK));
            in.say_if_equal(SOCK_DGRAM, allow);
            in.say_if_equal(SOCK_STREAM, allow);
            in.say(deny);
        });
    out.if_number(AF_NETLINK, [](builder& in) {
        in.load_argument(2);
        in.say_if_equal(NETLINK_ROUTE, allow);
        in.say(deny);
    });
    out.say(deny);
}

/// Nothing that was written can be run.
void judge_protection(builder& out)
{
    out.load_argument(2);
    out.say_if_all(PROT_EXEC, deny);
    out.say(allow);
}

void judge_ioctl(builder& out)
{
    out.load_argument(1);
    for (auto const request : {FIONBIO, FIONREAD, TCGETS}) out.say_if_equal(static_cast<std::uint32_t>(request), allow);
    if (sanitized) out.say_if_equal(TIOCGWINSZ, allow);
    out.say(deny);
}

}  // namespace

std::vector<sock_filter> system_call_filter()
{
    builder out;
    out.load(offsetof(seccomp_data, arch));
    out.say_unless_equal(our_architecture, kill);
    out.load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    out.say_if_at_least(x32_numbers, kill);
#endif
    for (auto const number : harmless()) out.say_if_equal(number, allow);
    for (auto const number : harmless_with_32_bits()) out.say_if_equal(number, allow);
    for (auto const number : of_sanitizers()) out.say_if_equal(number, allow);
    for (auto const number : dangerous()) out.say_if_equal(number, kill);
    for (auto const number : dangerous_with_32_bits()) out.say_if_equal(number, kill);
    out.if_number(SYS_socket, judge_socket);
    out.if_number(map_memory, judge_protection);
    out.if_number(SYS_mprotect, judge_protection);
    out.if_number(SYS_ioctl, judge_ioctl);
    out.say(deny);
    return out.take();
}

call_verdict judge(std::vector<sock_filter> const& filter, system_call const& call)
{
    seccomp_data const data{static_cast<int>(call.number),
                            call.architecture,
                            0,
                            {call.arguments[0], call.arguments[1], call.arguments[2], call.arguments[3],
                             call.arguments[4], call.arguments[5]}};
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < filter.size(); ++at) {
        auto const& step = filter[at];
        auto const jump = [&](bool holds) { at += holds ? step.jt : step.jf; };
        switch (step.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (step.k + sizeof value > sizeof data) return call_verdict::kill;
                std::memcpy(&value, reinterpret_cast<char const*>(&data) + step.k, sizeof value);
                break;
            case BPF_ALU | BPF_AND | BPF_K:
                value &= step.k;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
                jump(value == step.k);
                break;
            case BPF_JMP | BPF_JGE | BPF_K:
                jump(value >= step.k);
                break;
            case BPF_JMP | BPF_JSET | BPF_K:
                jump((value & step.k) != 0);
                break;
            case BPF_RET | BPF_K:
                return step.k == allow ? call_verdict::allow : step.k == deny ? call_verdict::deny : call_verdict::kill;
            default:
                return call_verdict::kill;
        }
    }
    return call_verdict::kill;
}

result<void> restrict_system_calls()
{
    auto filter = system_call_filter();
    sock_fprog const program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        return error_code(errno, boost::system::system_category());
    return {};
}

}  // namespace tp::probe
