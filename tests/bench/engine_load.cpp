// trigpoint-bench-engine TYPE NAME=VALUE...: the probe's engines under load, without a platform. Each of `count`
// targets is measured `runs` times, one run after the other, beginning at moments spread over `spread` milliseconds.
// The options of the type are those of proto/options.hpp. Prints a line of JSON with what it cost; `print=true`: a line
// for every ping packet before that ("ADDRESS NANOSECONDS", "ADDRESS *").
#include <sys/resource.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <stdexcept>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "probe/measure/engines.hpp"
#include "tests/lab/measure/types.hpp"

namespace tp::bench {
namespace {

struct settings {
    proto::options options;
    ip_address first;                     // the first target; the others follow it
    unsigned count = 1, runs = 1;         // targets; runs of each
    bool one_target = false;              // all of them are the first
    std::chrono::milliseconds spread{0};  // over which the first runs begin
    std::chrono::milliseconds limit{120'000};
    bool print = false;
};

settings read_settings(std::string_view type, lab::words from)
{
    settings out{.options = lab::read_options(type, from)};
    std::string first;
    from.read("first", first);
    from.read("count", out.count);
    from.read("runs", out.runs);
    from.read("one_target", out.one_target);
    from.read("spread", out.spread);
    from.read("limit", out.limit);
    from.read("print", out.print);
    from.check_all_read();
    auto const address = parse_address(first);
    if (!address) throw std::runtime_error("first: no address");
    out.first = *address;
    return out;
}

ip_address after(ip_address const& first, unsigned steps)
{
    if (first.is_v4()) return boost::asio::ip::address_v4(first.to_v4().to_uint() + steps);
    auto octets = first.to_v6().to_bytes();
    octets[14] = static_cast<std::uint8_t>(octets[14] + steps / 256);
    octets[15] = static_cast<std::uint8_t>(octets[15] + steps % 256);
    return boost::asio::ip::address_v6(octets);
}

/// Whether a run of another type than ping found what it was about.
bool answered(proto::findings const& found)
{
    if (auto const* trace = std::get_if<proto::traceroute_report>(&found))
        return trace->stopped_by == proto::trace_end::reached;
    auto const* dns = std::get_if<proto::dns_report>(&found);
    return dns && !dns->exchanges.empty() && dns->exchanges.back().error_name.empty();
}

struct totals {
    std::uint64_t runs = 0, failed = 0, unanswered = 0, late = 0, doubled = 0, packets_sent = 0, packets_received = 0;
    proto::clock_kind clock = proto::clock_kind::none;
    std::string first_failure;
};

void count_pings(proto::ping_report const& found, std::string const& target, bool print, totals& to)
{
    for (auto const& one : found.packets) {
        to.late += one.late ? 1 : 0;
        to.doubled += one.duplicates;
        to.unanswered += one.round_trip ? 0 : 1;
        if (!print) continue;
        auto const length = one.round_trip ? std::to_string(one.round_trip->count()) : "*";
        std::printf("%s %s\n", target.c_str(), length.c_str());
    }
}

class load {
public:
    load(settings with, probe::engine& by, boost::asio::any_io_executor executor,
         boost::asio::cancellation_signal& stop)
        : with_(std::move(with)),
          by_(by),
          stop_(stop),
          timer_(std::move(executor)),
          begin_(std::chrono::steady_clock::now()),
          runs_of_(with_.count)
    {
        begin_due();
    }

    totals const& found() const { return found_; }
    bool done() const { return found_.runs == std::uint64_t{with_.count} * with_.runs; }

private:
    /// Begins the first run of every target whose moment has come.
    void begin_due()
    {
        auto const passed = std::chrono::steady_clock::now() - begin_;
        for (; begun_ < with_.count && moment(begun_) <= passed; ++begun_) start(begun_);
        if (begun_ == with_.count) return;
        timer_.expires_at(begin_ + moment(begun_));
        timer_.async_wait([this](error_code ec) {
            if (!ec) begin_due();
        });
    }
    std::chrono::nanoseconds moment(unsigned target) const
    {
        return std::chrono::nanoseconds(with_.spread) * target / with_.count;
    }

    void start(unsigned target)
    {
        ++runs_of_[target];
        probe::order what{{measurement_id::from(1).value(), {}, {}, {}, {}, with_.options},
                          after(with_.first, with_.one_target ? 0 : target),
                          {}};
        what.job.af = with_.first.is_v4() ? proto::family::v4 : proto::family::v6;
        what.job.target = what.target->to_string();
        what.job.address = what.target;
        by_.start(std::move(what), [this, target](probe::outcome const& got) { ended(target, got); });
    }

    void ended(unsigned target, probe::outcome const& got)
    {
        ++found_.runs;
        found_.clock = found_.runs == 1 ? got.clock : std::min(found_.clock, got.clock);
        found_.packets_sent += got.cost.packets_sent;
        found_.packets_received += got.cost.packets_received;
        if (got.failed && found_.failed++ == 0) found_.first_failure = got.failed->text + " " + got.why;
        if (auto const* pings = std::get_if<proto::ping_report>(&got.found))
            count_pings(*pings, got.target->to_string(), with_.print, found_);
        else if (!answered(got.found))
            ++found_.unanswered;
        if (done()) return stop_.emit(boost::asio::cancellation_type::terminal);
        if (runs_of_[target] < with_.runs) start(target);
    }

    settings with_;
    probe::engine& by_;
    boost::asio::cancellation_signal& stop_;
    boost::asio::steady_timer timer_;
    steady_time begin_;
    std::vector<unsigned> runs_of_;
    unsigned begun_ = 0;
    totals found_;
};

double seconds(timeval const& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void show(totals const& found, std::chrono::steady_clock::duration wall)
{
    constexpr std::array<std::string_view, 4> clocks{"none", "user", "kernel_receive", "kernel"};
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    boost::json::object const line{{"runs", found.runs},
                                   {"failed", found.failed},
                                   {"first_failure", found.first_failure},
                                   {"unanswered", found.unanswered},
                                   {"late", found.late},
                                   {"doubled", found.doubled},
                                   {"packets_sent", found.packets_sent},
                                   {"packets_received", found.packets_received},
                                   {"clock", clocks.at(static_cast<std::size_t>(found.clock))},
                                   {"wall", std::chrono::duration<double>(wall).count()},
                                   {"user", seconds(used.ru_utime)},
                                   {"system", seconds(used.ru_stime)},
                                   {"resident_kib", used.ru_maxrss}};
    std::printf("%s\n", boost::json::serialize(line).c_str());
}

int run(settings with)
{
    boost::asio::io_context io{1};
    probe::caps limits;
    limits.packets_per_second = 1'000'000;
    limits.jobs_at_once = 100'000;
    probe::guard asked(
        limits,
        probe::target_policy({ip_prefix::parse("198.18.0.0/15").value(), ip_prefix::parse("2001:db8::/32").value()}),
        std::chrono::steady_clock::now());
    probe::resolver names(io.get_executor());
    probe::engines all(io.get_executor(), asked, names, probe::opened_sockets::open(io.get_executor()));
    auto* const by = all.of(proto::kind_of(with.options));
    if (!by) throw std::runtime_error("not built");
    boost::asio::cancellation_signal stop;
    auto const limit = with.limit;
    auto const begin = std::chrono::steady_clock::now();
    load const loads(std::move(with), *by, io.get_executor(), stop);
    boost::asio::co_spawn(io, all.run(), boost::asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    io.run_for(limit);
    if (!loads.done()) throw std::runtime_error("not all runs ended within the limit");
    show(loads.found(), std::chrono::steady_clock::now() - begin);
    return 0;
}

}  // namespace
}  // namespace tp::bench

int main(int count, char** values)
{
    tp::log::set_level(tp::log::level::warning);
    try {
        if (count < 2) throw std::runtime_error("usage: trigpoint-bench-engine TYPE NAME=VALUE...");
        return tp::bench::run(tp::bench::read_settings(values[1], tp::lab::words({values + 2, values + count})));
    } catch (std::runtime_error const& error) {
        std::fprintf(stderr, "trigpoint-bench-engine: %s\n", error.what());
        return 1;
    }
}
