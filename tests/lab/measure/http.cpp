#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/lab/measure/types.hpp"

namespace tp::lab {
namespace {

constexpr std::array<std::string_view, 3> methods{"GET", "HEAD", "POST"};

void read_method(words& from, proto::http_method& to)
{
    std::string name;
    from.read("method", name);
    if (name.empty()) return;
    auto const found = std::find(methods.begin(), methods.end(), name);
    if (found == methods.end()) throw std::runtime_error("method: GET, HEAD or POST");
    to = static_cast<proto::http_method>(found - methods.begin() + 1);
}

}  // namespace

void read(words& from, proto::http_options& to)
{
    read_method(from, to.method);
    from.read("path", to.path);
    from.read("query_string", to.query_string);
    from.read("port", to.port);
    from.read("version_1_0", to.version_1_0);
    from.read("user_agent", to.user_agent);
    from.read("header_bytes", to.header_bytes);
    from.read("max_bytes_read", to.max_bytes_read);
    from.read("extended_timing", to.extended_timing);
    from.read("more_extended_timing", to.more_extended_timing);
}

boost::json::object to_json(proto::http_report const& from)
{
    boost::json::array reads, headers;
    for (auto const& one : from.reads) reads.push_back({{"offset", one.offset}, {"at", value_of(one.at)}});
    for (auto const& line : from.headers) headers.emplace_back(line);
    return {{"method", methods.at(static_cast<std::size_t>(from.method) - 1)},
            {"uri", from.uri},
            {"status", value_of(from.status)},
            {"version", from.version},
            {"header_size", from.header_size},
            {"body_size", from.body_size},
            {"round_trip", value_of(from.round_trip)},
            {"connect_time", value_of(from.connect_time)},
            {"first_byte_time", value_of(from.first_byte_time)},
            {"reads", reads},
            {"headers", headers},
            {"truncated", from.truncated}};
}

}  // namespace tp::lab
