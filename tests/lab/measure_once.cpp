// trigpoint-lab-measure TYPE NAME=VALUE...: the probe's engines without a platform. Runs one order (or several) and
// prints each outcome as a line of JSON. The words beside the options of the type are those of `settings`.
#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <stdexcept>

#include "base/coroutine.hpp"
#include "base/endpoint.hpp"
#include "base/log.hpp"
#include "probe/measure/engines.hpp"
#include "tests/lab/measure/types.hpp"

namespace tp::lab {
namespace {

constexpr char const* usage =
    "usage: trigpoint-lab-measure TYPE NAME=VALUE...\n"
    "  target=ADDRESS af=4|6 allow=PREFIX (several) anchor=ADDRESS:PORT (several) probe=NUMBER\n"
    "  times=NUMBER at_once=true|false limit=MILLISECONDS packets_per_second=NUMBER, and the options of the type\n";

struct settings {
    probe::order what;
    probe::target_policy targets;
    probe::anchors anchors;
    unsigned times = 1;
    bool at_once = false;  // else one after the other
    std::chrono::milliseconds limit{60'000};
    probe::caps limits{.packets_per_second = 1'000'000, .jobs_at_once = 100'000};
};

template <class T>
T required(result<T> value, std::string_view name)
{
    if (!value) throw std::runtime_error(std::string(name) + ": " + value.error().message());
    return std::move(*value);
}

std::vector<ip_prefix> read_prefixes(words& from)
{
    std::vector<ip_prefix> out;
    for (auto const& one : from.all("allow")) out.push_back(required(ip_prefix::parse(one), one));
    return out;
}

probe::anchors read_anchors(words& from)
{
    probe::anchors out;
    for (auto const& one : from.all("anchor")) {
        auto const at = required(parse_endpoint(one), one);
        out.add({at.address()}, {at.port()});
    }
    return out;
}

void read_target(words& from, probe::order& what)
{
    unsigned af = 4;
    unsigned number = 1;
    from.read("af", af);
    from.read("target", what.job.target);
    from.read("probe", number);
    what.job.af = af == 6 ? proto::family::v6 : proto::family::v4;
    what.probe = required(probe_id::from(number), "probe");
    if (!what.job.target.empty()) what.target = what.job.address = required(parse_address(what.job.target), "target");
    if (!what.target && proto::needs_target(what.job.options)) throw std::runtime_error("target: missing");
}

settings read_settings(std::string_view type, words from)
{
    probe::order what{{measurement_id::from(1).value(), {}, {}, {}, {}, read_options(type, from)}, {}, {}};
    read_target(from, what);
    settings out{.what = std::move(what), .targets = probe::target_policy(read_prefixes(from)), .anchors = {}};
    out.anchors = read_anchors(from);
    from.read("times", out.times);
    from.read("at_once", out.at_once);
    from.read("limit", out.limit);
    from.read("packets_per_second", out.limits.packets_per_second);
    from.check_all_read();
    return out;
}

boost::json::value failure_json(std::optional<proto::failure> const& failed)
{
    constexpr std::array<std::string_view, 5> sources{"target", "resolver", "network", "probe", "guard"};
    if (!failed) return nullptr;
    return {{"source", sources.at(static_cast<std::size_t>(failed->source) - 1)}, {"text", failed->text}};
}

boost::json::object outcome_json(probe::outcome const& from)
{
    constexpr std::array<std::string_view, 4> clocks{"none", "user", "kernel_receive", "kernel"};
    return {{"began", value_of(from.began)},
            {"target", value_of(from.target)},
            {"source", value_of(from.source)},
            {"failed", failure_json(from.failed)},
            {"why", from.why},
            {"clock", clocks.at(static_cast<std::size_t>(from.clock))},
            {"packets_sent", from.cost.packets_sent},
            {"octets_sent", from.cost.octets_sent},
            {"packets_received", from.cost.packets_received},
            {"octets_received", from.cost.octets_received},
            {"found", to_json(from.found)}};
}

/// Starts the runs and hears of their ends.
class player {
public:
    player(settings with, probe::engine& by, boost::asio::cancellation_signal& stop)
        : with_(std::move(with)), by_(by), stop_(stop)
    {
        for (unsigned i = 0; i < (with_.at_once ? with_.times : 1); ++i) start();
    }
    bool done() const { return ended_ == with_.times; }

private:
    void start()
    {
        ++started_;
        by_.start(with_.what, [this](probe::outcome const& got) {
            std::printf("%s\n", boost::json::serialize(outcome_json(got)).c_str());
            ++ended_;
            if (done()) return stop_.emit(boost::asio::cancellation_type::terminal);
            if (started_ < with_.times) start();
        });
    }

    settings with_;
    probe::engine& by_;
    boost::asio::cancellation_signal& stop_;
    unsigned started_ = 0, ended_ = 0;
};

int run(settings with)
{
    boost::asio::io_context io{1};
    probe::guard asked(with.limits, with.targets, std::chrono::steady_clock::now());
    asked.set_anchors(with.anchors);
    probe::resolver names(io.get_executor());
    probe::engines all(io.get_executor(), asked, names, probe::opened_sockets::open(io.get_executor()));
    auto* const by = all.of(proto::kind_of(with.what.job.options));
    if (!by) throw std::runtime_error("this type is not measured by this build");
    boost::asio::cancellation_signal stop;
    auto const limit = with.limit;
    player const plays(std::move(with), *by, stop);
    boost::asio::co_spawn(io, all.run(), boost::asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    io.run_for(limit);
    if (!plays.done()) throw std::runtime_error("not all runs ended within the limit");
    return 0;
}

int command(std::vector<std::string_view> const& arguments)
{
    if (arguments.empty()) {
        std::fputs(usage, stderr);
        return 2;
    }
    log::set_level(log::level::warning);
    try {
        return run(read_settings(arguments.front(), words({arguments.begin() + 1, arguments.end()})));
    } catch (std::runtime_error const& error) {
        std::fprintf(stderr, "trigpoint-lab-measure: %s\n", error.what());
        return 1;
    }
}

}  // namespace
}  // namespace tp::lab

int main(int count, char** values)
{
    return tp::lab::command({values + 1, values + count});
}
