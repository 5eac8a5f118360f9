#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/net/tls_stream.hpp"
#include "probe/measure/ping/socket.hpp"
#include "probe/measure/resolve/resolver.hpp"
#include "probe/measure/traceroute/transport.hpp"

namespace tp::probe {

/// The sockets that need a privilege to be opened: made at start, before privileges are dropped.
struct opened_sockets {
    std::optional<echo_socket> v4, v6;
    std::unique_ptr<trace_transport> trace_v4, trace_v6;

    /// What cannot be opened is logged and left out.
    static opened_sockets open(boost::asio::any_io_executor executor);
};

/// The engine of each type of measurement.
class engines {
public:
    /// @param asked, names  must outlive this.
    engines(boost::asio::any_io_executor executor, guard& asked, resolver& names, opened_sockets sockets);

    /// Nothing for a type that this build does not measure.
    engine* of(proto::result_kind kind) const noexcept;
    boost::asio::awaitable<void> run();
    std::size_t running() const noexcept;
    /// "ping4", "ping6", "traceroute4", ...: what this probe can do over the families that it has.
    std::vector<std::string> capabilities(bool has_v4, bool has_v6) const;

private:
    static constexpr std::size_t kinds = std::variant_size_v<proto::findings>;
    tls_context tls_;  // before the engines, which use it
    std::array<std::unique_ptr<engine>, kinds> all_;
};

}  // namespace tp::probe
