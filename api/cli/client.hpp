#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::cli {

/// Where the API is: scheme, host, port and what stands before "/api/v2/".
struct api_place {
    bool tls = false;
    std::string host;  // without brackets
    std::string port;  // decimal
    std::string prefix;
};
/// Reads "http://host[:port][/path]" or https. Errors: errc::malformed.
result<api_place> parse_api_url(std::string const& url);

struct api_reply {
    unsigned status = 0;
    std::string body;
    bool good() const noexcept { return status >= 200 && status < 300; }
};

/// Asks the API, one connection for each request, and blocks meanwhile.
class api_client {
public:
    static constexpr std::string_view json_body = "application/json";
    static constexpr std::chrono::seconds connect_limit{10};
    static constexpr std::chrono::seconds quiet_limit{60};                  // without an octet from the API
    static constexpr std::uint64_t largest_answer = 1024ULL * 1024 * 1024;  // octets

    struct access {
        api_place place;
        std::string key;      // empty: anonymous
        std::string ca_file;  // PEM; empty: the system's
    };
    explicit api_client(access with) : access_(std::move(with)) {}

    /// @param path  behind "/api/v2/", with its query: "probes/?page_size=1".
    /// @param kind  the body's media type.
    /// Errors: those of resolving, connecting, TLS and HTTP; errc::timed_out.
    result<api_reply> send(std::string_view method, std::string_view path, std::string_view body = {},
                           std::string_view kind = json_body) const;

    api_place const& place() const noexcept { return access_.place; }

private:
    access access_;
};

/// What an answer that is not good says, in plain words: the details of an Atlas error, each with the field it is
/// about; the status alone if it is no such error. Several lines, none ends with a line end.
std::string explain(api_reply const& reply);

}  // namespace tp::cli
