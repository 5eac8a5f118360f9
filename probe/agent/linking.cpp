#include "probe/agent/linking.hpp"

#include <algorithm>
#include <random>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "probe/agent/machine.hpp"
#include "probe/agent/version.hpp"
#include "probe/link/registry_call.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

using boost::asio::ip::tcp;

constexpr char const* component = "link";
constexpr std::chrono::minutes refresh_again{5};     // when the registry could not be asked
constexpr std::chrono::seconds shortest_refresh{5};  // between two questions, whatever the registry says
constexpr std::chrono::seconds clock_is_off{5};      // from the controller's: worth an event
constexpr std::size_t most_addresses = 4;            // of one name

std::string describe(host_port const& one)
{
    bool const v6 = one.host.find(':') != std::string::npos;
    return (v6 ? '[' + one.host + ']' : one.host) + ':' + std::to_string(one.port);
}

std::uint64_t random_seed()
{
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32 | device();
}

dialling::options beginning_anywhere(dialling::options out)
{
    out.first_registry = std::random_device()();
    return out;
}

std::string reason_for_registry(error_code why)
{
    if (why == errc::rejected)
        return "its host key is not the one that we know, it refuses ours, or what it says is refused";
    return why.message();
}

}  // namespace

linking::linking(boost::asio::any_io_executor executor, configuration const& from, kept_files files, std::uint32_t boot,
                 key_keeper& keys, spool& results, measuring& measures, firmware_keeper& firmware,
                 update::updater& updates, known_places& places)
    : executor_(std::move(executor)),
      configuration_(from),
      files_(std::move(files)),
      boot_(boot),
      keys_(keys),
      measures_(measures),
      firmware_(firmware),
      updates_(updates),
      places_(places),
      resolver_(executor_),
      dialling_(places.count(), beginning_anywhere(from.redial), random_seed()),
      session_(executor_, *this, results)
{
    auto kept = files_.assignment();
    if (!kept) return;
    measures_.set_probe(kept->value.probe);
    dialling_.restore(std::move(*kept));
}

boost::asio::awaitable<void> linking::run()
{
    for (;;) {
        dialling_.set_registries(places_.count());
        auto const step = dialling_.next(wall_now());
        if (step.is == dialling::action::pause)
            co_await pause_for(step.length);
        else if (step.is == dialling::action::ask_registry)
            co_await ask(step.index);
        else
            co_await hold_session(step.index);
    }
}

boost::asio::awaitable<void> linking::ask(std::size_t registry)
{
    auto const who = describe(places_.at(registry).at);
    auto const answer = co_await question(registry);
    if (answer) {
        take_answer(*answer, who);
        co_return;
    }
    say("registry " + who + ": " + reason_for_registry(answer.error()));
    dialling_.registry_failed();
}

boost::asio::awaitable<result<proto::from_registry>> linking::question(std::size_t registry)
{
    auto const called = places_.at(registry);
    std::vector<host_port> list{called.at};
    auto to = co_await endpoints_of(std::move(list));
    if (to.empty()) co_return errc::not_found;
    for (auto const& endpoint : to) {
        if (std::find(peers_.begin(), peers_.end(), endpoint.address()) == peers_.end() && peers_.size() < 16)
            peers_.push_back(endpoint.address());
    }
    auto const own = own_addresses();
    auto const code = keys_.with_next() ? std::string() : configuration_.claim_code;
    registry_question asked{std::move(to),
                            called.keys,
                            keys_.login(),
                            {proto::our_versions, software(), boot_, code, wall_now(), own.v4, own.v6}};
    auto answer = co_await ask_registry(std::move(asked));
    if (answer) places_.answered(registry);
    auto const* const placed = answer ? std::get_if<proto::assignment>(&*answer) : nullptr;
    if (placed && !places_.know(*placed)) {
        say("registry " + describe(called.at) + " places us with a controller whose key officers did not list");
        measures_.report_event("assignment_refused", describe(called.at));
        co_return errc::rejected;
    }
    co_return answer;
}

void linking::places_changed()
{
    if (in_session_ && !places_.know(*in_session_)) session_.close();
}

void linking::take_answer(proto::from_registry const& answer, std::string const& who)
{
    if (auto const* const assignment = std::get_if<proto::assignment>(&answer)) {
        say("registry " + who + ": we are probe " + assignment->probe.text() + ", with " +
            std::to_string(assignment->controllers.size()) + " controllers, first " + assignment->controllers[0].name);
        dialling_.assigned(*assignment, wall_now());
        keep_assignment();
        keys_.logged_in();
    } else if (auto const* const wait = std::get_if<proto::wait>(&answer)) {
        say("registry " + who + ": wait " + std::to_string(wait->length.count()) + " s: " + wait->reason);
        dialling_.registry_said_wait(*wait);
    } else {
        auto const& refuse = std::get<proto::refuse>(answer);
        say("registry " + who + " refuses us: " + refuse.reason);
        if (refuse.code == proto::refusal::unknown_key && keys_.turned_down()) return;
        dialling_.registry_refused(refuse);
    }
}

void linking::keep_assignment()
{
    measures_.set_probe(dialling_.assignment()->value.probe);
    if (auto const kept = files_.keep(*dialling_.assignment()); !kept)
        log::error(component, "the assignment cannot be remembered: " + kept.error().message());
}

boost::asio::awaitable<void> linking::hold_session(std::size_t controller)
{
    auto const assignment = dialling_.assignment()->value;  // a copy: it may be replaced meanwhile
    auto const& place = assignment.controllers.at(controller);
    std::vector<host_port> list;
    for (auto const& text : places_.know(place) ? place.addresses : std::vector<std::string>()) {
        if (auto const one = host_port::parse(text)) list.push_back(*one);
    }
    auto to = co_await endpoints_of(std::move(list));
    session_key_ = keys_.login();
    session_dial dial{
        std::move(to),
        place.host_keys,
        *session_key_,
        {proto::our_versions, software(), assignment.probe, boot_, wall_now(), measures_.held_documents()}};
    session_end end;
    current_ = "controller " + place.name;
    in_session_ = place;
    co_await converse(std::move(dial), end);
    in_session_.reset();
    firmware_.session_ended();
    keys_.session(false);
    updates_.session_ended();
    auto const state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
    if (keys_.take_new_login() && end.welcomed) co_return;  // to the same controller, with the other key
    take_end(end, current_);
}

/// The session, with the registry asked again beside it in good time.
boost::asio::awaitable<void> linking::converse(session_dial dial, session_end& end)
{
    std::vector<boost::asio::awaitable<void>> both;
    both.push_back(session_.run(std::move(dial), end));
    both.push_back(refresh());
    co_await together(std::move(both));
}

boost::asio::awaitable<void> linking::refresh()
{
    std::size_t registry = std::random_device()();
    for (;;) {
        auto const due = dialling_.refresh_at().value_or(wall_now() + refresh_again) - wall_now();
        co_await pause_for(std::max<std::chrono::nanoseconds>(due, shortest_refresh));
        auto const answer = co_await question(registry);
        auto const* const assignment = answer ? std::get_if<proto::assignment>(&*answer) : nullptr;
        if (assignment) {
            bool const stay = dialling_.refreshed(*assignment, wall_now());
            keep_assignment();
            if (stay) continue;
            say("the registry placed us elsewhere");
            session_.close();
        }
        ++registry;
        co_await pause_for(refresh_again);
    }
}

void linking::on_welcome(proto::welcome const& said)
{
    say(current_ + ": in session");
    measures_.contact();
    firmware_.session_began();
    keys_.logged_in();
    keys_.session(true);
    updates_.session_began(dialling_.assignment()->value.probe);
    auto const offset = wall_now() - said.clock;
    if (offset < clock_is_off && offset > -clock_is_off) return;
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(offset).count();
    measures_.report_event("clock_off", "by " + std::to_string(seconds) + " s from the controller's");
}

std::optional<proto::signed_report> linking::take_report()
{
    auto report = firmware_.take_report(wall_now());
    if (!report || !dialling_.assignment()) return std::nullopt;
    report->probe = dialling_.assignment()->value.probe;
    report->boot_count = boot_;
    report->software = software_version;
    proto::signed_report out{report->number, proto::encode(*report), {}};
    auto signature = session_key_.value().sign(proto::signed_octets_of_report(out.report));
    if (!signature) {
        log::error(component, "what runs here cannot be signed: " + signature.error().message());
        return std::nullopt;
    }
    out.signature = std::move(*signature);
    return out;
}

void linking::on_key_nonce(proto::key_nonce const& nonce)
{
    keys_.hear(nonce, std::chrono::steady_clock::now());
}

void linking::on_key_answer(proto::key_answer const& answer)
{
    keys_.hear(answer);
    if (keys_.with_next()) session_.close();
}

std::optional<proto::to_controller> linking::take_key_words()
{
    return keys_.take_words(dialling_.assignment()->value.probe, std::chrono::steady_clock::now());
}

void linking::on_report_taken(std::uint64_t number)
{
    firmware_.taken(number);
    if (firmware_.all_told()) updates_.all_told();
}

void linking::take_end(session_end const& end, std::string const& who)
{
    if (auto const* const wait = std::get_if<proto::wait>(&end.said)) {
        say(who + ": wait " + std::to_string(wait->length.count()) + " s: " + wait->reason);
        dialling_.controller_said_wait(*wait);
    } else if (auto const* const refuse = std::get_if<proto::refuse>(&end.said)) {
        say(who + " refuses us: " + refuse->reason);
        if (refuse->code == proto::refusal::unknown_key && keys_.turned_down()) return;
        dialling_.controller_refused(*refuse);
    } else if (end.welcomed) {
        say(who + ": session ended: " + end.why.message());
        dialling_.session_lost(end.lasted);
    } else {
        say(who + ": " + end.why.message());
        dialling_.dial_failed();
    }
}

/// Names are looked up; what cannot be is left out.
boost::asio::awaitable<std::vector<tcp::endpoint>> linking::endpoints_of(std::vector<host_port> list)
{
    std::vector<tcp::endpoint> out;
    for (auto const& one : list) {
        if (auto const address = parse_address(one.host)) {
            out.emplace_back(*address, one.port);
            continue;
        }
        for (auto const af : {proto::family::v6, proto::family::v4}) {
            auto const found = co_await resolver_.resolve(one.host, af);
            if (!found) continue;
            auto const count = std::min(found->size(), most_addresses);
            for (std::size_t i = 0; i < count; ++i) out.emplace_back((*found)[i], one.port);
        }
    }
    co_return out;
}

local_addresses linking::own_addresses() const
{
    return find_local_addresses(peers_);
}

proto::software linking::software() const
{
    auto const own = own_addresses();
    return {software_version, measures_.can().capabilities(own.v4.has_value(), own.v6.has_value())};
}

/// A line for each change of state; the same again and again only once.
void linking::say(std::string line)
{
    if (line == last_line_) return log::debug(component, line);
    log::info(component, line);
    last_line_ = std::move(line);
}

}  // namespace tp::probe
