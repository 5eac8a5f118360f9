#pragma once

#include <string>
#include <string_view>

#include "proto/options.hpp"

namespace tp::probe {

constexpr std::uint16_t https_port = 443;  // and only there TLS is spoken

/// "http://anchor.example:8080/path?query", as Atlas reports it.
std::string uri_of(proto::http_options const& told, std::string_view target);

/// The request with everything that is sent: no body, and the connection is to be closed. The codec lets only printable
/// ASCII in; any other octet is left out here once more, since a line end would be another header line.
std::string request_for(proto::http_options const& told, std::string_view target);

}  // namespace tp::probe
