#include "probe/measure/dns/engine.hpp"

#include "probe/measure/dns/findings.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

proto::dns_options const& options_of(order const& what)
{
    return std::get<proto::dns_options>(what.job.options);
}

}  // namespace

dns_engine::dns_engine(boost::asio::any_io_executor executor, guard& asked, tls_context& shared, nameservers resolvers)
    : resolvers_(std::move(resolvers)),
      udp_(executor, asked),
      streams_(executor, asked, shared),
      over_streams_(executor, [this](order what) { return measure_over_stream(std::move(what)); })
{
}

void dns_engine::start(order what, done_handler done)
{
    resolvers_.look(std::chrono::steady_clock::now());
    auto const servers = servers_of(what);
    if (options_of(what).transport == proto::dns_transport::udp && !servers.empty())
        udp_.start(std::move(what), servers, std::move(done));
    else
        over_streams_.start(std::move(what), std::move(done));
}

boost::asio::awaitable<void> dns_engine::run()
{
    std::vector<boost::asio::awaitable<void>> parts;
    parts.push_back(udp_.run());
    parts.push_back(over_streams_.run());
    co_await together(std::move(parts));
}

/// The machine's own resolvers are asked over the family that each has, whatever that of the measurement is: a home
/// with both has often one resolver, of one family, and clients name the other. So do RIPE Atlas's probes.
std::vector<ip_address> dns_engine::servers_of(order const& what) const
{
    if (options_of(what).use_probe_resolver) return resolvers_.all();
    return {what.target.value()};
}

boost::asio::awaitable<outcome> dns_engine::measure_over_stream(order what)
{
    auto servers = servers_of(what);
    if (!servers.empty()) {
        auto found = co_await streams_.measure(std::move(what), std::move(servers));
        co_return found;
    }
    outcome out;
    out.began = wall_now();
    proto::dns_exchange nobody;
    nobody.at = out.began;
    nobody.port = port_of(options_of(what));
    put_error(nobody, "nameserver", "no local resolvers found");
    finish_findings(out, options_of(what), {nobody}, {});
    co_return out;
}

}  // namespace tp::probe
