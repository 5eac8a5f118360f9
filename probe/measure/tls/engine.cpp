#include "probe/measure/tls/engine.hpp"

#include "probe/measure/coroutine_engine.hpp"
#include "probe/measure/net/turnstile.hpp"

namespace tp::probe {
namespace {

/// What all runs share. Runs hold it, too: they may end after the engine's function was destroyed.
struct tls_shared {
    boost::asio::any_io_executor executor;
    guard& asked;
    tls_context& tls;
    tls_limits limits;
    turnstile door;
};

boost::asio::awaitable<outcome> shake_once(std::shared_ptr<tls_shared> with, order what)
{
    auto const pass = co_await with->door.enter(with->limits.longest_wait);
    // On the heap, and only now: a thousand runs that wait must not cost what as many that measure would.
    auto const run = std::make_unique<tls_run>(with->executor, with->asked, with->tls, with->limits, std::move(what));
    if (pass)
        co_await run->go();
    else
        run->fail(proto::failure_source::probe, "too many measurements at once");
    co_return run->take();
}

}  // namespace

std::unique_ptr<engine> make_tls_engine(boost::asio::any_io_executor executor, guard& asked, tls_context& tls,
                                        tls_limits limits)
{
    auto const with =
        std::make_shared<tls_shared>(tls_shared{executor, asked, tls, limits, {executor, limits.most_at_once}});
    auto once = [with](order what) { return shake_once(with, std::move(what)); };
    return std::make_unique<coroutine_engine>(executor, std::move(once));
}

}  // namespace tp::probe
