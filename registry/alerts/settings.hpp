#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/http/call.hpp"
#include "base/settings.hpp"

namespace tp::registry {

/// Who hears of alerts by HTTP.
struct alert_receiver {
    static constexpr std::size_t most = 16;  // receivers

    std::string name;  // its deliveries are known by it
    http_call::url url;
    std::filesystem::path secret_file;  // mode 0600
    std::string ca;                     // PEM file; empty: the system's certificates
};

/// The tables [[alert_receivers]].
std::vector<alert_receiver> read_alert_receivers(settings& from);
/// The same tables, as read_alert_receivers() reads them.
std::string alert_receivers_text(std::vector<alert_receiver> const& receivers);

}  // namespace tp::registry
