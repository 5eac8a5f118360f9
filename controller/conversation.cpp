#include "controller/conversation.hpp"

#include <optional>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "controller/version_reports.hpp"
#include "proto/codec.hpp"
#include "proto/strangers.hpp"
#include "store/director.hpp"
#include "store/fleet.hpp"
#include "store/hosting.hpp"
#include "store/measurements.hpp"
#include "store/probe_keys.hpp"

namespace tp::controller {
namespace {

constexpr std::string_view store_is_away = "the controller cannot reach its database";
constexpr std::string_view we_are_full = "the controller is full";
constexpr std::chrono::seconds malformed_retry{600};
constexpr std::chrono::seconds version_retry{std::chrono::hours{1}};
constexpr std::chrono::seconds older_limit{5};  // for a replaced session to end
constexpr std::chrono::seconds watch_every{1};

/// Whatever way a conversation ends, also by cancellation: its session is not present any more.
class presence {
public:
    presence(sessions& all, std::shared_ptr<session> own) : all_(all), own_(std::move(own)) {}
    presence(presence const&) = delete;
    presence& operator=(presence const&) = delete;
    ~presence()
    {
        all_.leave(*own_);
        own_->leave();
    }

private:
    sessions& all_;
    std::shared_ptr<session> own_;
};

proto::refuse malformed(std::string what)
{
    return {proto::refusal::malformed, std::move(what), malformed_retry};
}

/// The answer to a peer from whom no frame could be read, or nothing when it is not there any more.
std::optional<proto::refuse> unreadable(error_code why)
{
    if (why == errc::timed_out) return malformed("no hello came within " + std::to_string(hello_limit.count()) + " s");
    if (why == errc::too_large) {
        return malformed("a frame longer than " + std::to_string(proto::largest_frame) +
                         " octets; a frame is a length of 32 bits, big endian, and so many octets");
    }
    return std::nullopt;
}

proto::refuse undecodable(error_code why)
{
    if (why == errc::unsupported) return malformed("a message of a kind that this controller does not know");
    return malformed("the frame holds no valid message of trigpoint.v1 (" + why.message() + ")");
}

proto::refuse no_common_version(proto::version_range theirs)
{
    auto const range = [](proto::version_range versions) {
        return std::to_string(versions.lowest) + " to " + std::to_string(versions.highest);
    };
    return {
        proto::refusal::version,
        "no common protocol version: you speak " + range(theirs) + ", this controller " + range(proto::our_versions),
        version_retry};
}

}  // namespace

boost::asio::awaitable<void> host::serve(std::shared_ptr<ssh::channel> channel)
{
    auto greeted = co_await greet(channel);
    if (auto* answer = std::get_if<proto::from_controller>(&greeted)) {
        co_await turn_away(std::move(channel), std::move(*answer));
        co_return;
    }
    channel->vouch();
    auto& admitted = std::get<guest>(greeted);
    auto own = std::make_shared<session>(executor_, std::move(channel), admitted.probe, admitted.trust);
    co_await attend(std::move(own), std::move(admitted));
}

boost::asio::awaitable<host::greeting> host::greet(std::shared_ptr<ssh::channel> channel)
{
    auto const frame = co_await within(hello_limit, channel->read());
    if (!frame) {
        auto refused = unreadable(frame.error());
        if (!refused) refused = malformed("no hello");
        co_return proto::from_controller(std::move(*refused));
    }
    auto message = proto::decode_to_controller(*frame);
    if (!message) co_return proto::from_controller(undecodable(message.error()));
    auto* hello = std::get_if<proto::controller_hello>(&*message);
    if (hello == nullptr) co_return proto::from_controller(malformed("the first message must be a hello"));
    co_return co_await admit(channel->peer(), std::move(*hello));
}

boost::asio::awaitable<host::greeting> host::admit(ssh::public_key key, proto::controller_hello hello)
{
    auto const version = proto::agree(proto::our_versions, hello.versions);
    if (!version) co_return proto::from_controller(no_common_version(hello.versions));
    if (!has_room_for(hello.probe)) co_return proto::from_controller(not_now(std::string(we_are_full)));
    auto const as_of = parts_.changes.recent().now();
    auto const admitted = co_await store::admit_probe(parts_.database, self_, std::move(key));
    if (!admitted) co_return proto::from_controller(not_now(std::string(store_is_away)));
    if (admitted->verdict != store::admission::granted) co_return proto::from_controller(refusal_for(*admitted));
    if (admitted->probe != hello.probe) {
        auto refused = refusal_for({store::admission::unknown_key, {}, {}});
        refused.reason = "this key does not belong to probe " + hello.probe.text() + "; ask the registry first";
        co_return proto::from_controller(std::move(refused));
    }
    co_return guest{hello.probe,      admitted->trust, std::move(hello.runs), std::move(hello.holds), *version,
                    hello.boot_count, as_of,           admitted->key_wanted};
}

boost::asio::awaitable<void> host::turn_away(std::shared_ptr<ssh::channel> channel, proto::from_controller answer)
{
    if (auto const* refused = std::get_if<proto::refuse>(&answer))
        log_refusal("controller", refusals_, channel->address(), refused->reason);
    if (!proto::is_for_strangers(answer)) channel->vouch();
    auto frame = proto::encode(answer);
    co_await within(answer_limit, channel->write(std::move(frame)));
    channel->close();
}

bool host::has_room_for(probe_id probe) const
{
    return parts_.present.size() < terms_.capacity || parts_.present.find(probe) != nullptr;
}

boost::asio::awaitable<void> host::attend(std::shared_ptr<session> own, guest admitted)
{
    // Others came in while the store was asked; from here until we are in, nobody else runs.
    if (!has_room_for(own->probe())) {
        co_await dismiss(own, not_now(std::string(we_are_full)));
        co_return;
    }
    auto const older = parts_.present.enter(own);
    presence const here(parts_.present, own);
    // The older one's beginning must be in the store before ours, so that its end is known to be older.
    if (older) co_await older->wait_left(older_limit);

    bool const stays = co_await still_admitted(own, admitted.as_of);
    if (!stays) co_return;
    auto const number = co_await store::session_opened(parts_.database, own->probe(), self_, own->channel().address(),
                                                       admitted.runs.version, admitted.runs.capabilities,
                                                       admitted.boot_count, own->channel().round_trip());
    if (!number) {
        co_await dismiss(own, not_now(std::string(store_is_away)));
        co_return;
    }
    own->recorded(*number);
    std::string ended;
    if (admitted.key_wanted) own->want_new_key();
    auto const started = co_await start(own, std::move(admitted));
    if (started) {
        own->begun();
        ended = co_await converse(own);
    } else {
        ended = "could not be given its jobs: " + started.error().message();
    }
    own->channel().close();
    auto const& ours = own->ending();
    parts_.endings.add(own->probe(), *number, ours ? *ours : session_ending{std::move(ended), false});
}

/// Says a last word in the conversation's own time; session::end() is for others.
boost::asio::awaitable<void> host::dismiss(std::shared_ptr<session> own, proto::from_controller last)
{
    auto frame = proto::encode(last);
    co_await within(answer_limit, own->channel().write(std::move(frame)));
    own->channel().close();
}

/// Between the store's answer and our being present, a change may have passed us by.
boost::asio::awaitable<bool> host::still_admitted(std::shared_ptr<session> own, recent_changes::mark as_of)
{
    if (!parts_.changes.recent().touched_since(as_of, own->probe())) co_return true;
    auto key = own->channel().peer();
    auto const admitted = co_await store::admit_probe(parts_.database, self_, std::move(key));
    if (admitted && admitted->verdict == store::admission::granted) {
        own->trust(admitted->trust);
        co_return true;
    }
    if (admitted)
        co_await dismiss(own, refusal_for(*admitted));
    else
        co_await dismiss(own, not_now(std::string(store_is_away)));
    co_return false;
}

/// The welcome; and what the probe is asked to stay below, before it hears of any job.
boost::asio::awaitable<result<void>> host::tell_terms(std::shared_ptr<session> own, unsigned version)
{
    proto::from_controller const welcome = proto::welcome{version, wall_now(), terms_.keepalive};
    auto frame = proto::encode(welcome);
    auto const sent = co_await own->channel().write(std::move(frame));
    if (!sent || terms_.probe_caps == proto::cap_limits{}) co_return sent;
    proto::from_controller const caps = terms_.probe_caps;
    auto next = proto::encode(caps);
    co_return co_await own->channel().write(std::move(next));
}

/// What the director wants of it; an isolated probe is told, too.
boost::asio::awaitable<result<void>> host::tell_instruction(std::shared_ptr<session> own)
{
    own->open_for_instructions();
    std::vector<store::handed_instruction> none;
    none.push_back({own->probe(), {}});
    auto const newest = co_await store::newer_instructions(parts_.database, std::move(none));
    if (!newest) co_return newest.error();
    for (auto const& each : *newest) own->instruct(each);
    co_return result<void>{};
}

/// What the probe may do, and then what it is to do. It is not heard meanwhile, which takes as long as it reads.
boost::asio::awaitable<result<void>> host::start(std::shared_ptr<session> own, guest admitted)
{
    own->set_busy(true);
    auto const told = co_await tell_terms(own, admitted.version);
    if (!told) co_return told.error();
    auto const instructed = co_await tell_instruction(own);
    if (!instructed) co_return instructed.error();
    auto documents = lacking(parts_.changes.documents(), admitted.holds);
    co_await own->give_all(std::move(documents));
    session::job_reader read = [&database = parts_.database, probe = own->probe()] {
        return store::jobs_of(database, probe);
    };
    auto const sent = co_await own->send_jobs(std::move(read));
    own->set_busy(false);
    own->heard(std::chrono::steady_clock::now());
    co_return sent;
}

boost::asio::awaitable<std::string> host::converse(std::shared_ptr<session> own)
{
    session_allowance left(std::chrono::steady_clock::now());
    for (;;) {
        auto const frame = co_await own->channel().read();
        if (!frame) {
            if (auto refused = unreadable(frame.error())) co_await dismiss(own, std::move(*refused));
            if (frame.error() == errc::closed) own->goodbye();
            co_return frame.error().message();
        }
        auto const now = std::chrono::steady_clock::now();
        own->heard(now);
        left.heard(now);
        auto message = proto::decode_to_controller(*frame);
        if (message) {
            co_await take(own, std::move(*message), left);
            continue;
        }
        // A newer probe may say things that we do not know yet; but not without end.
        if (message.error() == errc::unsupported && left.take_unknown_message()) continue;
        co_await dismiss(own, undecodable(message.error()));
        co_return "malformed frame: " + message.error().message();
    }
}

boost::asio::awaitable<void> host::take(std::shared_ptr<session> own, proto::to_controller message,
                                        session_allowance& left)
{
    if (auto* batch = std::get_if<proto::result_batch>(&message)) {
        co_await take_results(own, std::move(*batch));
    } else if (auto* events = std::get_if<proto::events>(&message)) {
        co_await take_events(own, std::move(*events), left);
    } else if (auto* report = std::get_if<proto::signed_report>(&message)) {
        co_await take_report(own, std::move(*report), left);
    } else if (auto* wish = std::get_if<proto::file_request>(&message)) {
        parts_.files.ask(own, std::move(*wish));
    } else if (std::holds_alternative<proto::key_wish>(message)) {
        own->send_key_nonce(false);
    } else if (auto* change = std::get_if<proto::key_change>(&message)) {
        co_await take_key(own, std::move(*change));
    }
    // A keepalive was heard; a second hello says nothing new.
}

/// Waits for the batch's turn, and then for room. The session is not read meanwhile, and its probe keeps its results.
boost::asio::awaitable<void> host::take_results(std::shared_ptr<session> own, proto::result_batch batch)
{
    own->set_busy(true);
    auto const now = std::chrono::steady_clock::now();
    auto const turn = deliveries_.turn_of(own->probe(), batch, now);
    if (turn > now) co_await pause_for(turn - now);
    auto const flags = own->isolated() ? store::flag_isolated : std::int16_t{0};
    co_await parts_.results.take(own, own->probe(), own->channel().address(), std::move(batch), flags);
    own->set_busy(false);
    own->heard(std::chrono::steady_clock::now());
}

boost::asio::awaitable<void> host::take_events(std::shared_ptr<session> own, proto::events events,
                                               session_allowance& left)
{
    std::vector<store::probe_event> list;
    std::optional<std::optional<std::string>> storage;  // the last word about the probe's disk
    for (auto& each : events.list) {
        if (!left.take_event()) break;
        if (each.kind == "storage_failing") storage.emplace(each.text);
        if (each.kind == "storage_well") storage.emplace(std::nullopt);
        list.push_back({own->probe(), each.at, std::move(each.kind), std::move(each.text)});
    }
    if (list.empty()) co_return;
    auto const recorded = co_await store::record_events(parts_.database, std::move(list));
    if (!recorded) log::debug("controller", "events of probe " + own->probe().text() + " are lost");
    if (!storage) co_return;
    auto const noted = co_await store::note_storage(parts_.database, own->probe(), std::move(*storage));
    if (!noted) log::warning("controller", "what probe " + own->probe().text() + " says about its disk is lost");
}

/// It is answered once it is kept: a probe commits what it runs only then.
boost::asio::awaitable<void> host::take_report(std::shared_ptr<session> own, proto::signed_report report,
                                               session_allowance& left)
{
    if (!left.take_version_report()) co_return;
    auto kept = kept_version_report(report, own->probe(), own->channel().peer());
    if (!kept) {
        log::warning("controller",
                     "probe " + own->probe().text() + ": its version report is refused: " + kept.error().message());
        co_return;
    }
    auto const recorded = co_await store::record_version_report(parts_.database, own->probe(), wall_now(),
                                                                std::move(kept->text), std::move(kept->says));
    if (recorded) own->send(proto::encode(proto::from_controller(proto::report_taken{report.number})));
}

/// The new key is pending once it is stored; it becomes the probe's own by logging in.
boost::asio::awaitable<void> host::take_key(std::shared_ptr<session> own, proto::key_change change)
{
    using verdict = proto::key_answer::verdict;
    auto const from = own->channel().peer();
    auto answer = own->keys().judge(change, own->probe(), from);
    if (!answer) {
        auto const offered = co_await store::offer_key(parts_.database, own->probe(), from, change.key);
        if (!offered)
            answer = proto::key_answer{verdict::later, std::string(store_is_away)};
        else if (*offered == store::key_offer::known)
            answer = proto::key_answer{verdict::refused, "this key is or was a probe's"};
        else if (*offered == store::key_offer::not_now)
            answer = proto::key_answer{verdict::later, "this session's key is not the probe's any more"};
        else
            answer = proto::key_answer{verdict::taken, {}};
    }
    bool const taken = answer->is == verdict::taken;
    log::info("controller", "probe " + own->probe().text() + ": the new key " + change.key.fingerprint() +
                                (taken ? " waits for its login" : " is not taken: " + answer->reason));
    proto::from_controller const message = std::move(*answer);
    own->send(proto::encode(message));
}

boost::asio::awaitable<void> host::watch()
{
    for (;;) {  // left by cancellation only
        co_await pause_for(watch_every);
        auto const now = std::chrono::steady_clock::now();
        for (auto const& each : parts_.present.all()) each->watch(now, terms_.keepalive);
        deliveries_.forget_idle(now);
    }
}

proto::wait host::not_now(std::string reason)
{
    std::uniform_int_distribution<std::chrono::seconds::rep> length(wait_when_busy.count(), 2 * wait_when_busy.count());
    return {std::chrono::seconds(length(random_)), std::move(reason)};
}

}  // namespace tp::controller
