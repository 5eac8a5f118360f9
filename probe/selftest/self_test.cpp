#include "probe/selftest/self_test.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "probe/agent/version.hpp"
#include "probe/selftest/checks.hpp"
#include "proto/kind_names.hpp"

namespace tp::probe {
namespace {

constexpr std::chrono::minutes longest_run{2};  // for all measurements

/// One run of each type. DNS asks for what every anchor of ours answers: who it is (CH TXT id.server, RFC 4892).
std::vector<proto::options> all_types()
{
    constexpr std::uint16_t chaos = 3, text = 16;
    proto::dns_options who{.query_class = chaos, .query_type = text, .query_argument = "id.server", .retry = 2};
    return {proto::ping_options{.packets = 3},
            proto::traceroute_options{.protocol = proto::trace_protocol::icmp},
            std::move(who),
            proto::http_options{},
            proto::tls_options{},
            proto::ntp_options{}};
}

order order_of(proto::options options, self_test_wish const& wanted)
{
    bool const time = proto::kind_of(options) == proto::result_kind::ntp;
    auto const target = time && wanted.ntp ? *wanted.ntp : *wanted.anchor;
    order out{{measurement_id::from(1).value(), {}, {}, {}, {}, std::move(options)}, target, {}};
    out.job.af = target.is_v6() ? proto::family::v6 : proto::family::v4;
    out.job.target = target.to_string();
    out.job.address = target;
    return out;
}

/// Measures each type once, and says what came of each.
class trial {
public:
    trial(boost::asio::io_context& io, guard& asked, opened_sockets sockets)
        : io_(io), names_(io.get_executor()), all_(io.get_executor(), asked, names_, std::move(sockets))
    {
    }

    std::vector<check> run(self_test_wish const& wanted)
    {
        for (auto& options : all_types()) start(order_of(std::move(options), wanted));
        boost::asio::co_spawn(io_, all_.run(), boost::asio::bind_cancellation_slot(stop_.slot(), expect_cancelled));
        if (waiting_ == 0) stop_.emit(boost::asio::cancellation_type::terminal);
        io_.run_for(longest_run);
        if (waiting_ > 0) out_.push_back({"time", false, "not all measurements ended in time"});
        out_.push_back(check_clock(offset_));
        return std::move(out_);
    }

private:
    void start(order what)
    {
        auto const kind = proto::kind_of(what.job.options);
        auto* const by = all_.of(kind);
        if (!by)
            return out_.push_back({std::string(proto::names_of(kind).type), false, "is not measured by this build"});
        ++waiting_;
        by->start(std::move(what), [this](outcome found) {
            out_.push_back(check_outcome(found));
            if (auto const offset = clock_offset(found)) offset_ = offset;
            if (--waiting_ == 0) stop_.emit(boost::asio::cancellation_type::terminal);
        });
    }

    boost::asio::io_context& io_;
    resolver names_;
    engines all_;
    boost::asio::cancellation_signal stop_;
    std::size_t waiting_ = 0;
    std::optional<std::chrono::nanoseconds> offset_;
    std::vector<check> out_;
};

std::vector<ip_prefix> listed_by_host(configuration const& with)
{
    if (with.allow_file.empty()) return {};
    auto const file = read_file(with.allow_file, allow_list::largest_file);
    return file ? parse_allow_list(*file).prefixes : std::vector<ip_prefix>();
}

void print(signing::self_test_report const& report)
{
    for (auto const& one : report.checks)
        std::printf("%-11s %-7s %s\n", one.name.c_str(), one.good ? "ok" : "FAILED", one.text.c_str());
    std::printf("%s: key %s\n", report.passed() ? "passed" : "NOT PASSED", report.key.fingerprint().c_str());
}

}  // namespace

int self_test(configuration const& with, self_test_wish const& wanted, boost::asio::io_context& io,
              opened_sockets sockets)
{
    auto const key = ssh::private_key::load_or_make(with.key());
    if (!key) {
        log::error("selftest", with.key().string() + ": " + key.error().message());
        return 1;
    }
    auto const now = wall_time(std::chrono::floor<std::chrono::seconds>(wall_now()));
    signing::self_test_report report{key->shared(), software_version, now, {}};
    report.checks = {check_open_ports(wanted.allowed_ports), check_storage(with.state, with.spool.octets),
                     check_key(with.key())};
    guard asked(caps{.packets_per_second = 1'000, .jobs_at_once = 100}, target_policy(listed_by_host(with)),
                std::chrono::steady_clock::now());
    anchors only;
    only.add({*wanted.anchor}, {80, 443});
    asked.set_anchors(std::move(only));
    for (auto& one : trial(io, asked, std::move(sockets)).run(wanted)) report.checks.push_back(std::move(one));
    print(report);
    if (wanted.report.empty()) return report.passed() ? 0 : 1;
    auto const octets = signing::write_self_test(report, *key);
    auto const written = octets ? write_new(wanted.report, *octets) : result<void>(octets.error());
    if (!written) log::error("selftest", wanted.report.string() + ": " + written.error().message());
    return report.passed() && written ? 0 : 1;
}

}  // namespace tp::probe
