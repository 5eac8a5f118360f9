#include "registry/watch/consequences.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "store/findings.hpp"

namespace tp::registry {
namespace {

namespace asio = boost::asio;
using store::trust_event;

constexpr std::string_view cleared_by_window = "a window without it";
constexpr std::string_view cleared_by_settings = "the rule was switched off";

store::severity severity_of(detect::severity level) noexcept
{
    switch (level) {
        case detect::severity::grave:
            return store::severity::grave;
        case detect::severity::warning:
            return store::severity::warning;
        case detect::severity::note:
            break;
    }
    return store::severity::note;
}

store::finding stored(detect::found const& one)
{
    auto const& what = one.what;
    return {one.probe,  std::string(detect::name(what.by)), severity_of(what.level), what.saw.text, what.against.text,
            what.clears};
}

trust_event event_for(detect::move move) noexcept
{
    switch (move) {
        case detect::move::suspect:
            return trust_event::doubted;
        case detect::move::isolate:
            return trust_event::accused;
        case detect::move::probation:
        case detect::move::release:
            break;
    }
    return trust_event::cleared;
}

store::alert proposal_for(detect::told const& one)
{
    auto const rule = one.what.by ? std::string(detect::name(*one.what.by)) : std::string();
    return {"proposal", "probe " + one.probe.text(), rule,
            "isolate probe " + one.probe.text() + "? " + one.what.why + " (trigpoint probe explain " +
                one.probe.text() + ")"};
}

}  // namespace

bool consequences::listens(std::size_t rule) const noexcept
{
    return settings_.rules.policy.modes[rule] != detect::mode::off;
}

std::chrono::seconds consequences::window() const noexcept
{
    return settings_.round * detect::longest_window.count();
}

asio::awaitable<result<void>> consequences::draw(detect::round_report report)
{
    auto const recorded = co_await record(std::move(report.findings));
    if (!recorded) co_return recorded.error();
    auto const cleared = co_await clear(std::move(report.clean));
    if (!cleared) co_return cleared.error();
    std::vector<store::held_finding> held;
    for (auto& each : report.held)
        held.push_back({each.probe, std::string(detect::name(each.by)), std::move(each.because)});
    auto const noted = co_await store::hold_findings_back(database_, std::move(held));
    if (!noted) co_return noted.error();
    auto const followed = co_await follow(std::move(report.proposals));
    if (!followed) co_return followed.error();
    co_return co_await tell(std::move(report));
}

asio::awaitable<result<void>> consequences::record(std::vector<detect::found> findings)
{
    for (auto const& each : findings) {
        if (!listens(detect::index(each.what.by))) continue;
        auto what = stored(each);
        auto const done = co_await store::record_finding(database_, std::move(what));
        if (!done && done.error() != errc::not_found) co_return done.error();
    }
    co_return result<void>{};
}

asio::awaitable<result<void>> consequences::clear(std::vector<detect::rule_set> clean)
{
    for (std::size_t i = 0; i < clean.size(); ++i) {
        auto const& probe = fleet_.stored()[i];
        for (auto const& name : probe.open_findings) {
            auto const rule = detect::rule_named(name);
            if (!rule) continue;
            bool const off = !listens(detect::index(*rule));
            if (!off && !clean[i][detect::index(*rule)]) continue;
            std::string by(off ? cleared_by_settings : cleared_by_window);
            auto const done = co_await store::clear_finding(database_, probe.probe, name, std::move(by));
            if (!done && done.error() != errc::not_found) co_return done.error();
        }
    }
    co_return result<void>{};
}

asio::awaitable<result<void>> consequences::follow(std::vector<detect::told> proposals)
{
    for (auto& each : proposals) {
        if (!each.what.automatic) {
            auto what = proposal_for(each);
            log::warning("registry", what.said);
            auto const raised = co_await store::raise_alert(database_, std::move(what), window());
            if (!raised) co_return raised.error();
            continue;
        }
        auto const subjects = fleet_.subjects();
        auto const found = std::find_if(subjects.begin(), subjects.end(),
                                        [&](auto const& one) { return one.who.probe == each.probe; });
        auto const place = static_cast<std::size_t>(found - subjects.begin());
        auto const done = co_await change(place, std::move(each));
        if (!done) co_return done.error();
    }
    co_return result<void>{};
}

asio::awaitable<result<void>> consequences::change(std::size_t subject, detect::told what)
{
    auto const event = event_for(what.what.what);
    auto const done = co_await store::change_trust(database_, what.probe, event, what.what.why);
    if (!done && done.error() != errc::not_found) co_return done.error();
    if (!done) co_return result<void>{};
    // An operator may hold it, or have been quicker.
    fleet_.settle(subject, done->to);
    if (done->what == store::trust_outcome::kind::changed) {
        log::info("registry", "probe " + what.probe.text() + " is " + std::string(store::name_of(done->to)) + " (was " +
                                  std::string(store::name_of(done->from)) + "): " + what.what.why);
    }
    co_return result<void>{};
}

asio::awaitable<result<void>> consequences::tell(detect::round_report report)
{
    for (auto& each : report.alerts) {
        store::alert what{"mass event", detect::in_text(each.what.which), std::string(detect::name(each.what.by)),
                          std::move(each.text)};
        log::warning("registry", what.said);
        auto const raised = co_await store::raise_alert(database_, std::move(what), window());
        if (!raised) co_return raised.error();
    }
    for (auto const site : report.doubted_sites) {
        auto const number = std::to_string(site);
        store::alert what{"anchor in doubt", "anchor " + number, "round-trip",
                          "anchor " + number + " is not where the list says, by the probes that ping it"};
        auto const raised = co_await store::raise_alert(database_, std::move(what), window());
        if (!raised) co_return raised.error();
    }
    co_return result<void>{};
}

}  // namespace tp::registry
