#include "probe/measure/http/engine.hpp"

#include "probe/measure/coroutine_engine.hpp"
#include "probe/measure/http/request.hpp"
#include "probe/measure/net/turnstile.hpp"

namespace tp::probe {
namespace {

/// What all runs share. Runs hold it, too: they may end after the engine's function was destroyed.
struct http_shared {
    boost::asio::any_io_executor executor;
    guard& asked;
    tls_context& tls;
    http_limits limits;
    turnstile plain, secured;
};

boost::asio::awaitable<outcome> fetch_once(std::shared_ptr<http_shared> with, order what)
{
    auto const& told = std::get<proto::http_options>(what.job.options);
    auto& door = told.port == https_port ? with->secured : with->plain;
    auto const pass = co_await door.enter(with->limits.longest_wait);
    // On the heap, and only now: a thousand runs that wait must not cost what as many that measure would.
    auto const run = std::make_unique<http_run>(with->executor, with->asked, with->tls, with->limits, std::move(what));
    if (pass)
        co_await run->go();
    else
        run->fail(proto::failure_source::probe, "too many measurements at once");
    co_return run->take();
}

}  // namespace

std::unique_ptr<engine> make_http_engine(boost::asio::any_io_executor executor, guard& asked, tls_context& tls,
                                         http_limits limits)
{
    auto const with = std::make_shared<http_shared>(http_shared{
        executor, asked, tls, limits, {executor, limits.most_at_once}, {executor, limits.most_secured_at_once}});
    auto once = [with](order what) { return fetch_once(with, std::move(what)); };
    return std::make_unique<coroutine_engine>(executor, std::move(once));
}

}  // namespace tp::probe
