#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

using o = proto::http_options;
using proto::http_method;

constexpr std::array methods{choice<http_method>{"GET", http_method::get},
                             choice<http_method>{"HEAD", http_method::head},
                             choice<http_method>{"POST", http_method::post}};
constexpr std::array versions{choice<bool>{"1.0", true}, choice<bool>{"1.1", false}};

/// Octets that go into the request as they are: none may end a line or a field of it.
void read_request(json_fields const& fields, o& out)
{
    fields.read("method", methods, out.method);
    fields.read_visible("path", o::longest_path, out.path);
    if (!out.path.starts_with('/')) {
        out.path.insert(0, 1, '/');
        if (out.path.size() > o::longest_path) fields.complain("path", "A path begins with \"/\".");
    }
    fields.read_visible("query_string", o::longest_query, out.query_string);
    fields.read_visible("user_agent", o::longest_user_agent, out.user_agent, ' ');
    fields.read("port", 1, highest_port, out.port);
    fields.read("version", versions, out.version_1_0);
}

proto::options read(json_fields const& fields)
{
    o out;
    read_request(fields, out);
    fields.read("header_bytes", 0, o::most_header_bytes, out.header_bytes);
    auto const most = fields.integer("max_bytes_read", 1, o::most_body_bytes);
    if (most) out.max_bytes_read = static_cast<unsigned>(*most);
    fields.read("extended_timing", out.extended_timing);
    fields.read("more_extended_timing", out.more_extended_timing);
    return out;
}

void show(boost::json::object& out, proto::options const& told)
{
    auto const& options = std::get<o>(told);
    out["method"] = name_in(methods, options.method);
    out["path"] = options.path;
    out["query_string"] = options.query_string;
    out["port"] = options.port;
    out["version"] = name_in(versions, options.version_1_0);
    out["user_agent"] = options.user_agent;
    out["header_bytes"] = options.header_bytes;
    out["max_bytes_read"] = nullptr;
    if (options.max_bytes_read) out["max_bytes_read"] = *options.max_bytes_read;
    out["extended_timing"] = options.extended_timing;
    out["more_extended_timing"] = options.more_extended_timing;
}

}  // namespace

measurement_type const http_type{std::chrono::seconds{1800}, read, show};

}  // namespace tp::api
