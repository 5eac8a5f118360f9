#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::api::http {

enum class method { get, head, post, put, patch, delete_, options, other };

std::string_view name_of(method verb) noexcept;

struct parameter {
    std::string name, value;
    bool operator==(parameter const&) const = default;
};

/// One request as the endpoints see it: read completely, decoded, within the limits of the server.
struct request {
    method verb = method::get;
    std::string path;              // decoded: "/api/v2/probes/"
    std::vector<parameter> query;  // decoded, in the order of the request
    std::string host;              // as the client named us: "127.0.0.1:7480"; only characters of a host and port
    bool secure = false;           // came over TLS
    std::string authorization;     // header, empty if there was none
    std::string body;
    ip_address peer;

    /// The first parameter of this name that has a value; an empty one counts as absent.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept;
};

/// Parameters beyond this are ignored.
inline constexpr std::size_t most_parameters = 256;

/// Reads the part after '?'. Takes what real clients send (brackets, bare '%'), so it never fails: an escape that is
/// none stays as it is.
std::vector<parameter> parse_query(std::string_view text);

/// Undoes %XX; '+' becomes a space if asked.
std::string percent_decoded(std::string_view text, bool plus_is_space);
std::string percent_encoded(std::string_view text);

/// Whether a Host header can be put into links: host characters only, not longer than 255 octets.
bool is_host(std::string_view text) noexcept;

}  // namespace tp::api::http
