#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_prefix.hpp"
#include "probe/agent/configuration.hpp"
#include "probe/measure/engines.hpp"

namespace tp::probe {

/// What whoever makes devices says on the command line.
struct self_test_wish {
    std::optional<ip_address> anchor;          // every type of measurement goes there
    std::optional<ip_address> ntp;             // but NTP, if it is another machine; it tells the time, too
    std::vector<std::uint16_t> allowed_ports;  // that may be open
    std::filesystem::path report;              // a new file; empty: none is written
};

/// Burn-in: tests this device, prints a table, and writes the report that a factory list demands, signed with its key.
/// @pre the state folder is ours. The exit status: 0 when every check is good.
int self_test(configuration const& with, self_test_wish const& wanted, boost::asio::io_context& io,
              opened_sockets sockets);

}  // namespace tp::probe
