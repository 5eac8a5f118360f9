#include "probe/measure/engines.hpp"

#include <random>

#include "base/log.hpp"
#include "probe/measure/dns/engine.hpp"
#include "probe/measure/http/engine.hpp"
#include "probe/measure/ntp/engine.hpp"
#include "probe/measure/ping/engine.hpp"
#include "probe/measure/tls/engine.hpp"
#include "probe/measure/traceroute/engine.hpp"
#include "probe/measure/traceroute/ordinary_transport.hpp"
#include "probe/measure/traceroute/raw_transport.hpp"
#include "probe/together.hpp"
#include "proto/kind_names.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "measure";

std::uint64_t random_seed()
{
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32 | device();
}

std::unique_ptr<trace_transport> open_trace(boost::asio::any_io_executor const& executor, proto::family af)
{
    auto const name = std::string("traceroute over IPv") + (af == proto::family::v4 ? "4" : "6");
    auto raw = raw_transport::open(executor, af);
    if (raw) {
        log::info(component, name + ": raw sockets");
        return std::move(*raw);
    }
    auto ordinary = ordinary_transport::open(executor, af);
    log::info(component, name + ": ordinary sockets, since raw ones failed: " + raw.error().message());
    return ordinary ? std::move(*ordinary) : nullptr;
}

}  // namespace

opened_sockets opened_sockets::open(boost::asio::any_io_executor executor)
{
    opened_sockets out;
    for (auto const af : {proto::family::v4, proto::family::v6}) {
        auto const name = std::string("ICMP over IPv") + (af == proto::family::v4 ? "4" : "6");
        auto socket = echo_socket::open(executor, af);
        if (!socket) {
            log::warning(component, name + " is not possible: " + socket.error().message());
            continue;
        }
        log::info(component, name + ": " + (socket->raw() ? "raw socket" : "ping socket"));
        (af == proto::family::v4 ? out.v4 : out.v6) = std::move(*socket);
    }
    out.trace_v4 = open_trace(executor, proto::family::v4);
    out.trace_v6 = open_trace(executor, proto::family::v6);
    return out;
}

engines::engines(boost::asio::any_io_executor executor, guard& asked, resolver&, opened_sockets sockets)
{
    auto const put = [this](proto::result_kind kind, std::unique_ptr<engine> one) {
        all_[static_cast<std::size_t>(kind) - 1] = std::move(one);
    };
    put(proto::result_kind::ping,
        std::make_unique<ping_engine>(executor, asked, std::move(sockets.v4), std::move(sockets.v6), random_seed()));
    put(proto::result_kind::http, make_http_engine(executor, asked, tls_));
    put(proto::result_kind::tls, make_tls_engine(executor, asked, tls_));
    put(proto::result_kind::dns, std::make_unique<dns_engine>(executor, asked, tls_));
    put(proto::result_kind::traceroute,
        std::make_unique<traceroute_engine>(executor, asked, std::move(sockets.trace_v4), std::move(sockets.trace_v6),
                                            random_seed()));
    put(proto::result_kind::ntp, make_ntp_engine(executor, asked, random_seed()));
}

engine* engines::of(proto::result_kind kind) const noexcept
{
    return all_[static_cast<std::size_t>(kind) - 1].get();
}

boost::asio::awaitable<void> engines::run()
{
    std::vector<boost::asio::awaitable<void>> parts;
    for (auto const& one : all_)
        if (one) parts.push_back(one->run());
    co_await together(std::move(parts));
}

std::size_t engines::running() const noexcept
{
    std::size_t out = 0;
    for (auto const& one : all_)
        if (one) out += one->running();
    return out;
}

std::vector<std::string> engines::capabilities(bool has_v4, bool has_v6) const
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (!all_[i]) continue;
        if (has_v4 && all_[i]->can(proto::family::v4))
            out.push_back(std::string(proto::kind_names[i].capability) + '4');
        if (has_v6 && all_[i]->can(proto::family::v6))
            out.push_back(std::string(proto::kind_names[i].capability) + '6');
    }
    return out;
}

}  // namespace tp::probe
