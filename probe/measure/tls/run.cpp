#include "probe/measure/tls/run.hpp"

#include "probe/measure/tls/chain.hpp"

namespace tp::probe {

using boost::asio::awaitable;
using source = proto::failure_source;

namespace {

/// The name that the server is to be asked for.
std::string server_name(order const& what)
{
    auto const& told = std::get<proto::tls_options>(what.job.options);
    return told.hostname.empty() ? what.job.target : told.hostname;
}

}  // namespace

tls_run::tls_run(boost::asio::any_io_executor executor, guard& asked, tls_context& tls, tls_limits limits, order what)
    : limits_(limits),
      what_(std::move(what)),
      tcp_(executor, asked, proto::result_kind::tls),
      tls_(tls, tcp_, server_name(what_))
{
    out_.began = wall_now();
    out_.target = what_.target;
    found_.port = told().port;
}

awaitable<void> tls_run::go()
{
    auto const connected = co_await tcp_.connect(what_.target.value(), told().port, limits_.connect);
    if (!connected) co_return fail_connecting(connected.error());
    auto const deadline = *tcp_.began() + limits_.whole;
    tls_.keep_certificate_message();
    auto const shaken = co_await tls_.handshake(deadline);
    judge(shaken ? error_code() : shaken.error());
    co_await tls_.close(deadline);
}

void tls_run::fail_connecting(error_code why)
{
    auto const failed = connect_failure(tcp_, why);
    if (failed.source == source::guard) out_.why = tcp_.refusal()->why;
    fail(failed.source, failed.text);
}

/// What the handshake showed, however it ended.
void tls_run::judge(error_code why)
{
    if (tls_.certificates()) return take_chain();
    if (tls_.alert() && why) {
        found_.alert = tls_.alert();
        found_.round_trip = steady_time::clock::now() - *tcp_.began();
        return;
    }
    if (why == errc::rejected || why == errc::unavailable) return fail_connecting(why);  // the guard's answer
    fail(source::target, reason(why));
}

void tls_run::take_chain()
{
    auto chain = read_certificate_message(tls_.certificates()->octets, tls_.certificates()->v1_3);
    found_.round_trip = tls_.certificates()->at - *tcp_.began();
    if (chain.malformed)
        fail(source::target, "bad certificate message");
    else if (chain.left_out > 0)
        fail(source::target, "certificate chain too large: " + std::to_string(chain.left_out) + " are left out");
    else if (chain.certificates.empty())
        fail(source::target, "no certificate");
    found_.certificates = std::move(chain.certificates);
}

/// In Atlas's words where it has words.
std::string tls_run::reason(error_code why) const
{
    std::string const word = tls_.version().empty() ? "hello" : "certificates";
    if (!why) return "no certificate";
    if (why == errc::timed_out) return "timeout reading " + word;
    if (why.category() == tls_category()) return "TLS handshake: " + why.message();
    return "error reading " + word + ": " + why.message();
}

void tls_run::fail(source from, std::string text)
{
    out_.failed = proto::failure{from, std::move(text)};
}

outcome tls_run::take()
{
    if (auto const began = tcp_.began_at()) out_.began = *began;
    out_.source = tcp_.source();
    out_.cost = tcp_.cost();
    out_.clock = tcp_.began() ? proto::clock_kind::user : proto::clock_kind::none;
    found_.version = tls_.version();
    found_.connect_time = tcp_.connect_time();
    if (auto const cipher = tls_.cipher()) {
        constexpr char const* digits = "0123456789abcdef";
        constexpr unsigned nibble = 0xf;
        found_.cipher = "0x";
        for (int const shift : {12, 8, 4, 0}) found_.cipher += digits[*cipher >> shift & nibble];
    }
    out_.found = std::move(found_);
    return std::move(out_);
}

}  // namespace tp::probe
