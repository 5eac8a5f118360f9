#pragma once

#include "probe/measure/coroutine_engine.hpp"
#include "probe/measure/dns/stream_queries.hpp"
#include "probe/measure/dns/udp_queries.hpp"
#include "probe/measure/resolve/nameservers.hpp"

namespace tp::probe {

/// DNS queries to a given server, or to the probe's own resolvers.
class dns_engine final : public engine {
public:
    /// @param asked   is asked before every query.
    /// @param shared  of all TLS clients. Both must outlive this.
    dns_engine(boost::asio::any_io_executor executor, guard& asked, tls_context& shared,
               nameservers resolvers = nameservers());

    void start(order what, done_handler done) override;
    boost::asio::awaitable<void> run() override;
    bool can(proto::family) const noexcept override { return true; }
    std::size_t running() const noexcept override { return udp_.running() + over_streams_.running(); }

private:
    boost::asio::awaitable<outcome> measure_over_stream(order what);
    std::vector<ip_address> servers_of(order const& what) const;

    nameservers resolvers_;
    udp_queries udp_;
    stream_queries streams_;
    coroutine_engine over_streams_;
};

}  // namespace tp::probe
