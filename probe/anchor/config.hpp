#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/crowd.hpp"
#include "base/ip_prefix.hpp"
#include "base/settings.hpp"
#include "probe/anchor/dns/limiter.hpp"
#include "probe/anchor/dns/stream_session.hpp"
#include "probe/anchor/http/session.hpp"

namespace tp::anchor {

/// What trigpoint-anchor runs with. Every key and default: deploy/trigpoint-anchor.toml.
struct config {
    static constexpr int off = -1, any = 0;  // instead of a port

    std::string name;                   // a host name, in lower case
    std::vector<ip_address> addresses;  // as others see them
    std::vector<ip_address> listen;     // as this machine has them
    std::string user;                   // empty: stays who it is
    std::filesystem::path state;

    int http_port = 80, https_port = 443;
    http_limits http;
    crowd::limits http_room{512, 32};
    std::filesystem::path certificate, key;  // both empty: self-made in `state`

    int dns_port = 53;
    std::string zone;  // absolute: "a1.example.net."
    answer_limiter::options answers;
    dns_stream_limits dns;
    crowd::limits dns_room{256, 16};
};

/// Asks for every key; settings::finish() then tells what was wrong.
config read_config(settings& from);

}  // namespace tp::anchor
