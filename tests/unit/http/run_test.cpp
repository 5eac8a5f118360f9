#include "probe/measure/http/run.hpp"

#include "tests/unit/http/peer.hpp"
#include "tests/unit/http/play.hpp"

namespace tp::probe {
namespace {

proto::job fetch_from(std::uint16_t port)
{
    auto job = ping_job(1, {});
    job.target = loopback().to_string();
    job.options = proto::http_options{.port = port};
    return job;
}

anchors at(std::uint16_t port)
{
    anchors out;
    out.add({loopback()}, {port});
    return out;
}

asio::awaitable<bool> go(http_run& run)
{
    co_await run.go();
    co_return true;
}

TEST(http_run, goes_nowhere_if_its_anchor_left_the_list_while_it_was_held_back)
{
    asio::io_context io{1};
    tls_context shared;
    for (bool const leaves : {false, true}) {
        SCOPED_TRACE(leaves);
        guard asked = lenient_guard(1);
        bool met = false;
        peer other([&](int fd) {
            met = true;
            peer::hear_head(fd);
            peer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        asked.set_anchors(at(other.port()));
        asked.may_send({proto::result_kind::http, loopback(), 60}, std::chrono::steady_clock::now());
        asio::steady_timer change(io, 200ms);
        change.async_wait([&](error_code) {
            if (leaves) asked.set_anchors({});
        });
        http_run run(io.get_executor(), asked, shared, {}, {fetch_from(other.port()), loopback(), {}});
        play(io, go(run));
        auto const got = run.take();
        auto const refused = proto::failure{proto::failure_source::guard, "address not allowed"};
        EXPECT_EQ(got.failed, leaves ? std::optional(refused) : std::nullopt);
        EXPECT_EQ(met, !leaves);
    }
}

}  // namespace
}  // namespace tp::probe
