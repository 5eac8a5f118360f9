// trigpoint-lab-delay: a wire between two network namespaces, with delay, jitter and loss of its own for each
// direction. It makes a TUN device at each end, because the kernel of a laboratory may have no netem.
//
//   trigpoint-lab-delay --a NAMESPACE,DEVICE --b NAMESPACE,DEVICE --ab MS,MS,SHARE --ba MS,MS,SHARE [--seed N]
//
// NAMESPACE is a path (/run/netns/NAME, /proc/PID/ns/net). The shapes are delay (milliseconds), jitter (milliseconds,
// uniform, added to the delay) and loss (0 to 1). Order is kept. Prints READY once both devices exist, and ends on
// SIGTERM, SIGINT, or when its standard input closes, so that it never outlives the process that started it.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using std::chrono::nanoseconds;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t largest_packet = 65536;  // bytes: what a TUN device may hand over at once
constexpr std::size_t longest_queue = 4096;    // packets in flight in one direction; what is more is dropped
constexpr int reads_per_turn = 64;             // packets taken from one end before the other gets its turn

struct shape {
    nanoseconds delay{};
    nanoseconds jitter{};
    double loss = 0;  // 0 to 1
};

struct end {
    std::string name_space;  // path
    std::string device;
};

struct options {
    std::array<end, 2> ends;
    std::array<shape, 2> shapes;  // [0] from the first end to the second, [1] back
    std::uint64_t seed = 1;
};

[[noreturn]] void fail(std::string const& what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

nanoseconds milliseconds(std::string const& text)
{
    auto const value = std::stod(text);
    if (!(value >= 0 && value <= 60'000)) throw std::invalid_argument("not within 0 and 60000 ms: " + text);
    return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double, std::milli>(value));
}

end parse_end(std::string const& text)
{
    auto const comma = text.rfind(',');
    if (comma == std::string::npos || text.size() - comma - 1 >= IFNAMSIZ || comma + 1 == text.size())
        throw std::invalid_argument("not NAMESPACE,DEVICE: " + text);
    return {text.substr(0, comma), text.substr(comma + 1)};
}

shape parse_shape(std::string const& text)
{
    auto const first = text.find(',');
    auto const second = text.find(',', first + 1);
    if (first == std::string::npos || second == std::string::npos)
        throw std::invalid_argument("not DELAY,JITTER,LOSS: " + text);
    shape parsed{milliseconds(text.substr(0, first)), milliseconds(text.substr(first + 1, second - first - 1)),
                 std::stod(text.substr(second + 1))};
    if (!(parsed.loss >= 0 && parsed.loss <= 1)) throw std::invalid_argument("loss not within 0 and 1: " + text);
    return parsed;
}

options parse(std::span<char*> arguments)
{
    options parsed;
    for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
        std::string_view const name = arguments[i];
        std::string const value = arguments[i + 1];
        if (name == "--a")
            parsed.ends[0] = parse_end(value);
        else if (name == "--b")
            parsed.ends[1] = parse_end(value);
        else if (name == "--ab")
            parsed.shapes[0] = parse_shape(value);
        else if (name == "--ba")
            parsed.shapes[1] = parse_shape(value);
        else if (name == "--seed")
            parsed.seed = std::stoull(value);
        else
            throw std::invalid_argument("unknown option " + std::string(name));
    }
    if (arguments.size() % 2 == 0 || parsed.ends[0].device.empty() || parsed.ends[1].device.empty())
        throw std::invalid_argument(
            "usage: --a NAMESPACE,DEVICE --b NAMESPACE,DEVICE --ab MS,MS,SHARE --ba MS,MS,SHARE");
    return parsed;
}

/// Makes the device in its namespace; it lasts as long as the descriptor that is returned. Throws.
int open_end(end const& where)
{
    int const name_space = ::open(where.name_space.c_str(), O_RDONLY | O_CLOEXEC);
    if (name_space < 0) fail(where.name_space);
    if (::setns(name_space, CLONE_NEWNET) != 0) fail("entering " + where.name_space);
    ::close(name_space);
    // The device belongs to the namespace in which /dev/net/tun was opened.
    int const tun = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (tun < 0) fail("/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    where.device.copy(request.ifr_name, IFNAMSIZ - 1);
    if (::ioctl(tun, TUNSETIFF, &request) != 0) fail("making " + where.device);
    return tun;
}

/// One direction of the wire.
class lane {
public:
    lane(int from, int to, shape how, std::uint64_t seed) : from_(from), to_(to), shape_(how), random_(seed) {}

    /// Takes what has arrived. False once the device is gone.
    bool take()
    {
        static std::array<std::uint8_t, largest_packet> buffer;
        for (int i = 0; i < reads_per_turn; ++i) {
            auto const size = ::read(from_, buffer.data(), buffer.size());
            if (size < 0) return errno == EAGAIN || errno == EINTR;
            enqueue({buffer.data(), static_cast<std::size_t>(size)});
        }
        return true;
    }

    /// Hands on what is due. A packet that the device refuses (it is down) is lost, as on a wire that is cut.
    void give(clock_type::time_point now)
    {
        while (!queue_.empty() && queue_.front().due <= now) {
            [[maybe_unused]] auto const written =
                ::write(to_, queue_.front().bytes.data(), queue_.front().bytes.size());
            queue_.pop_front();
        }
    }

    std::optional<clock_type::time_point> next_due() const
    {
        if (queue_.empty()) return std::nullopt;
        return queue_.front().due;
    }

private:
    struct packet {
        clock_type::time_point due;
        std::vector<std::uint8_t> bytes;
    };

    void enqueue(std::span<std::uint8_t const> bytes)
    {
        std::uniform_real_distribution<double> share(0, 1);
        bool const lost = share(random_) < shape_.loss;  // drawn in any case: one seed, one sequence of losses
        auto const jitter = std::chrono::duration_cast<nanoseconds>(shape_.jitter * share(random_));
        if (lost || queue_.size() >= longest_queue) return;
        auto due = clock_type::now() + shape_.delay + jitter;
        if (!queue_.empty()) due = std::max(due, queue_.back().due);
        queue_.push_back({due, {bytes.begin(), bytes.end()}});
    }

    int from_;
    int to_;
    shape shape_;
    std::mt19937_64 random_;
    std::deque<packet> queue_;
};

/// A descriptor that becomes readable when the process is asked to end.
int stop_signals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) fail("sigprocmask");
    int const signals = ::signalfd(-1, &set, SFD_CLOEXEC);
    if (signals < 0) fail("signalfd");
    return signals;
}

bool stdin_closed(pollfd const& input)
{
    if (input.revents == 0) return false;
    std::array<char, 64> ignored;
    return ::read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0;
}

/// How long to sleep: until the next packet is due, for ever if none waits.
std::optional<timespec> pause(std::array<lane, 2> const& lanes, clock_type::time_point now)
{
    std::optional<nanoseconds> left;
    for (auto const& one : lanes) {
        auto const due = one.next_due();
        if (!due) continue;
        auto const wait = std::max(nanoseconds{0}, std::chrono::duration_cast<nanoseconds>(*due - now));
        left = left ? std::min(*left, wait) : wait;
    }
    if (!left) return std::nullopt;
    return timespec{left->count() / 1'000'000'000, left->count() % 1'000'000'000};
}

/// Carries packets until asked to end, or until a device is gone.
void carry(std::array<int, 2> ends, std::array<lane, 2>& lanes, int signals)
{
    enum : std::size_t { first, second, input, stop };
    std::array<pollfd, 4> waits{
        {{ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}}};
    for (;;) {
        auto const limit = pause(lanes, clock_type::now());
        if (::ppoll(waits.data(), waits.size(), limit ? &*limit : nullptr, nullptr) < 0 && errno != EINTR)
            fail("ppoll");
        if (waits[stop].revents != 0 || stdin_closed(waits[input])) return;
        for (std::size_t i = first; i <= second; ++i) {
            if (waits[i].revents != 0 && !lanes[i].take()) return;
            lanes[i].give(clock_type::now());
        }
    }
}

/// Wakes on time even when the machine is busy, as far as we may.
void be_punctual()
{
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    sched_param const priority{.sched_priority = 1};
    ::sched_setscheduler(0, SCHED_FIFO, &priority);  // needs root; without it delays are a little less exact
}

void run(options const& wanted)
{
    int const signals = stop_signals();
    std::array<int, 2> const ends{open_end(wanted.ends[0]), open_end(wanted.ends[1])};
    std::array<lane, 2> lanes{lane(ends[0], ends[1], wanted.shapes[0], wanted.seed),
                              lane(ends[1], ends[0], wanted.shapes[1], wanted.seed + 1)};
    be_punctual();
    std::puts("READY");
    std::fflush(stdout);
    carry(ends, lanes, signals);
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        run(parse({argv, static_cast<std::size_t>(argc)}));
    } catch (std::exception const& error) {
        std::fprintf(stderr, "trigpoint-lab-delay: %s\n", error.what());
        return 1;
    }
}
