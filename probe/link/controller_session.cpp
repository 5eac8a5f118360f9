#include "probe/link/controller_session.hpp"

#include <algorithm>

#include "base/coroutine.hpp"
#include "base/ssh/client.hpp"
#include "probe/together.hpp"
#include "proto/codec.hpp"
#include "proto/version.hpp"

namespace tp::probe {
namespace {

constexpr int silent_keepalives = 3;  // so many, and the other side is dead

bool we_speak(unsigned version)
{
    return version >= proto::our_versions.lowest && version <= proto::our_versions.highest;
}

}  // namespace

controller_session::controller_session(boost::asio::any_io_executor executor, session_events& events, spool& results)
    : events_(events), results_(results), wake_(std::move(executor))
{
}

void controller_session::close()
{
    if (channel_) channel_->close();
}

boost::asio::awaitable<void> controller_session::run(session_dial dial, session_end& end)
{
    // Also when this coroutine is cancelled: what was in flight is to be sent again.
    struct ending {
        controller_session& self;
        ~ending()
        {
            self.channel_.reset();
            self.pages_.clear();
            self.document_.clear();
            self.blocks_.clear();
            self.results_.returned();
        }
    } const at_end{*this};
    co_await hold(std::move(dial), end);
}

boost::asio::awaitable<void> controller_session::hold(session_dial dial, session_end& end)
{
    ssh::dial_options options{
        .host_keys = std::move(dial.host_keys), .key = std::move(dial.key), .subsystem = "trigpoint-controller"};
    auto dialled = co_await ssh::dial(std::move(dial.to), std::move(options));
    if (!dialled) {
        end.why = dialled.error();
        co_return;
    }
    channel_ = std::move(*dialled);
    end.why = co_await greet(std::move(dial.hello), end);
    if (!end.welcomed) co_return;

    auto const begun = std::chrono::steady_clock::now();
    error_code read_ended, write_ended;
    std::vector<boost::asio::awaitable<void>> both;
    both.push_back(read(read_ended, end));
    both.push_back(write(write_ended));
    co_await together(std::move(both));
    end.lasted = std::chrono::steady_clock::now() - begun;
    end.why = read_ended ? read_ended : write_ended;
}

/// Hello, and the controller's answer.
boost::asio::awaitable<error_code> controller_session::greet(proto::controller_hello hello, session_end& end)
{
    auto frame = proto::encode(proto::to_controller(std::move(hello)));
    auto const written = co_await channel_->write(std::move(frame));
    if (!written) co_return written.error();
    auto const answer = co_await within(welcome_limit, channel_->read());
    if (!answer) co_return answer.error();
    auto const message = proto::decode_from_controller(*answer);
    if (!message) co_return message.error();
    auto const* const welcome = std::get_if<proto::welcome>(&*message);
    if (!welcome) {
        co_return take(*message, end) ? make_error_code(errc::malformed) : make_error_code(errc::rejected);
    }
    if (!we_speak(welcome->version)) co_return errc::unsupported;
    keepalive_ = std::clamp(welcome->keepalive, shortest_keepalive, longest_keepalive);
    last_write_ = std::chrono::steady_clock::now();
    end.welcomed = true;
    limited_ = false;
    events_.on_welcome(*welcome);
    co_return error_code();
}

boost::asio::awaitable<void> controller_session::read(error_code& why, session_end& end)
{
    for (;;) {
        auto const frame = co_await within(silent_keepalives * keepalive_, channel_->read());
        if (!frame) {
            why = frame.error();
            co_return;
        }
        auto message = proto::decode_from_controller(*frame);
        if (!message && message.error() == errc::unsupported) continue;  // of a later version
        if (!message) {
            why = message.error();
            co_return;
        }
        events_.on_contact();
        if (!take(std::move(*message), end)) co_return;
    }
}

bool controller_session::take(proto::from_controller message, session_end& end)
{
    if (auto* const page = std::get_if<proto::job_page>(&message))
        take_page(std::move(*page));
    else if (auto* const change = std::get_if<proto::job_change>(&message))
        events_.on_job_change(std::move(*change));
    else if (auto* const limits = std::get_if<proto::cap_limits>(&message)) {
        limited_ = true;
        events_.on_limits(std::move(*limits));
    } else if (auto const* const part = std::get_if<proto::document_part>(&message)) {
        if (auto document = document_.take(*part)) events_.on_document(std::move(*document));
        if (auto list = blocks_.take(*part)) events_.on_blocks(std::move(*list));
    } else if (auto const* const done = std::get_if<proto::acknowledge>(&message)) {
        results_.acknowledge(done->batches);
        notify();
    } else if (auto const* const taken = std::get_if<proto::report_taken>(&message))
        events_.on_report_taken(taken->number);
    else if (auto const* const nonce = std::get_if<proto::key_nonce>(&message))
        events_.on_key_nonce(*nonce);
    else if (auto const* const answer = std::get_if<proto::key_answer>(&message))
        events_.on_key_answer(*answer);
    else if (auto* const part_of_file = std::get_if<proto::file_part>(&message))
        events_.on_file_part(std::move(*part_of_file));
    else if (auto* const instruction = std::get_if<proto::signed_instruction>(&message))
        events_.on_instruction(std::move(*instruction));
    else if (auto* const wait = std::get_if<proto::wait>(&message))
        end.said = std::move(*wait);
    else if (auto* const refuse = std::get_if<proto::refuse>(&message))
        end.said = std::move(*refuse);
    return std::holds_alternative<std::monostate>(end.said);
}

void controller_session::take_page(proto::job_page page)
{
    if (page.first) pages_.clear();
    auto const room = most_jobs - pages_.size();
    auto const taken = std::min(room, page.jobs.size());
    std::move(page.jobs.begin(), page.jobs.begin() + static_cast<std::ptrdiff_t>(taken), std::back_inserter(pages_));
    if (page.last && !std::exchange(limited_, true))
        events_.on_limits({});  // none came before the jobs: there are none
    if (page.last) events_.on_jobs(std::exchange(pages_, {}));
}

boost::asio::awaitable<void> controller_session::write(error_code& why)
{
    for (;;) {
        auto const message = next_message();
        if (!message) {
            wake_.expires_at(last_write_ + keepalive_);
            co_await wake_.async_wait(as_values);
            continue;
        }
        auto frame = proto::encode(*message);
        auto const written = co_await channel_->write(std::move(frame));
        if (!written) {
            why = written.error();
            co_return;
        }
        last_write_ = std::chrono::steady_clock::now();
    }
}

std::optional<proto::to_controller> controller_session::next_message()
{
    if (auto report = events_.take_report()) return std::move(*report);
    if (auto words = events_.take_key_words()) return words;
    if (auto request = events_.take_file_request()) return std::move(*request);
    if (auto list = events_.take_events(); !list.empty()) return proto::events{std::move(list)};
    if (auto batch = results_.next()) return std::move(*batch);
    if (std::chrono::steady_clock::now() >= last_write_ + keepalive_) return proto::keepalive{};
    return std::nullopt;
}

}  // namespace tp::probe
