#include "probe/measure/http/run.hpp"

#include <algorithm>

#include "probe/measure/http/request.hpp"

namespace tp::probe {

using boost::asio::awaitable;
using source = proto::failure_source;

namespace {

http_answer::wanted wanted_by(proto::http_options const& told)
{
    return {.method = told.method,
            .body_bytes = told.max_bytes_read.value_or(proto::http_options::usual_body_bytes),
            .header_bytes = told.header_bytes};
}

}  // namespace

http_run::http_run(boost::asio::any_io_executor executor, guard& asked, tls_context& tls, http_limits limits,
                   order what)
    : guard_(asked),
      limits_(limits),
      what_(std::move(what)),
      tcp_(executor, asked, proto::result_kind::http),
      answer_(wanted_by(told()))
{
    if (told().port == https_port) tls_.emplace(tls, tcp_, what_.job.target);
    out_.began = wall_now();
    out_.target = what_.target;
    found_.method = told().method;
    found_.uri = uri_of(told(), what_.job.target);
}

awaitable<void> http_run::go()
{
    auto const opened = co_await open();
    if (!opened) co_return;
    auto const sent = co_await send();
    if (!sent) co_return;
    co_await receive();
}

/// Whether it is an anchor. Fails the run if not.
bool http_run::may_fetch()
{
    auto const asked = guard_.may_fetch(what_.target.value(), told().port);
    if (asked) return true;
    out_.why = asked.why;
    fail(source::guard, asked.said);
    return false;
}

/// Fails the run itself if that fails. The guard may hold it back for a minute: a list of anchors that expired, or that
/// another took the place of, is not to be followed then.
awaitable<result<void>> http_run::connect()
{
    if (!may_fetch()) co_return errc::rejected;
    auto done = co_await tcp_.wait_for_leave(*what_.target);
    if (done && !may_fetch()) co_return errc::rejected;
    if (done) done = co_await tcp_.connect(*what_.target, told().port, limits_.connect);
    if (!done) fail_connecting(done.error());
    co_return done;
}

/// TCP, and TLS where it is wanted. Fails the run itself if that fails.
awaitable<result<void>> http_run::open()
{
    auto const connected = co_await connect();
    if (!connected) co_return connected;
    deadline_ = *tcp_.began() + limits_.whole;
    if (!tls_) co_return result<void>();
    auto const shaken = co_await tls_->handshake(deadline_);
    if (!shaken && !refused(shaken.error())) {
        auto const why = shaken.error();
        fail(source::target, why == errc::timed_out ? "timeout in TLS handshake" : "TLS handshake: " + why.message());
    }
    co_return shaken;
}

awaitable<result<void>> http_run::send()
{
    auto const request = request_for(told(), what_.job.target);
    result<void> sent;
    if (tls_)
        sent = co_await tls_->write(request, deadline_);
    else
        sent = co_await tcp_.write(request, deadline_);
    if (!sent && !refused(sent.error())) {
        auto const why = sent.error();
        fail(source::target,
             why == errc::timed_out ? "timeout writing request" : "error writing request: " + why.message());
    }
    co_return sent;
}

awaitable<void> http_run::receive()
{
    while (!answer_.over()) {
        auto const got = co_await read();
        if (!got) {
            if (got.error() != errc::closed) co_return fail_reading(got.error());
            answer_.end();
            break;
        }
        note_read();
        octets_read_ += got->size();
        answer_.feed(*got);
    }
    found_.round_trip = steady_time::clock::now() - *tcp_.began();
    if (answer_.at() == http_answer::phase::failed) fail(source::target, answer_.complaint());
}

awaitable<result<std::string_view>> http_run::read()
{
    if (tls_) return tls_->read(deadline_);
    return tcp_.read(deadline_);
}

/// Octets came: when?
void http_run::note_read()
{
    auto const at = steady_time::clock::now() - *tcp_.began();
    if (octets_read_ == 0 && told().extended_timing) found_.first_byte_time = at;
    if (told().more_extended_timing && found_.reads.size() < proto::http_report::most_reads)
        found_.reads.push_back({.offset = octets_read_, .at = at});
}

void http_run::fail_reading(error_code why)
{
    if (refused(why)) return;
    std::string const word(answer_.word());
    if (why == errc::timed_out) return fail(source::target, "timeout reading " + word);
    fail(source::target, "error reading " + word + ": " + why.message());
}

/// Whether the guard said no, or not yet, in the midst of it; then that is the failure.
bool http_run::refused(error_code why)
{
    if (why != errc::rejected && why != errc::unavailable) return false;
    fail_connecting(why);
    return true;
}

void http_run::fail_connecting(error_code why)
{
    auto const failed = connect_failure(tcp_, why);
    if (failed.source == source::guard) out_.why = tcp_.refusal()->why;
    fail(failed.source, failed.text);
}

void http_run::fail(source from, std::string text)
{
    out_.failed = proto::failure{from, std::move(text)};
}

outcome http_run::take()
{
    if (auto const began = tcp_.began_at()) out_.began = *began;
    out_.source = tcp_.source();
    out_.cost = tcp_.cost();
    out_.clock = tcp_.began() ? proto::clock_kind::user : proto::clock_kind::none;
    if (answer_.status().code != 0) {
        found_.status = answer_.status().code;
        found_.version = std::to_string(answer_.status().major) + '.' + std::to_string(answer_.status().minor);
    }
    if (told().extended_timing) found_.connect_time = tcp_.connect_time();
    found_.header_size = answer_.header_size();
    found_.body_size = answer_.body_size();
    found_.headers = answer_.headers();
    found_.truncated = answer_.truncated();
    if (out_.failed) found_.round_trip.reset();
    out_.found = std::move(found_);
    return std::move(out_);
}

}  // namespace tp::probe
