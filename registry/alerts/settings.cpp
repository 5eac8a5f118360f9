#include "registry/alerts/settings.hpp"

#include <algorithm>

namespace tp::registry {
namespace {

constexpr std::size_t longest_name = 32;

bool is_name(std::string const& text)
{
    return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

alert_receiver read_one(settings& from)
{
    alert_receiver out;
    out.name = from.text("name", "");
    if (!is_name(out.name)) from.complain("name", "is needed: small letters, digits, - and _");
    auto const url = http_call::url::parse(from.text("url", ""));
    if (url)
        out.url = *url;
    else
        from.complain("url", "is needed: http:// or https://");
    out.secret_file = from.text("secret_file", "");
    if (out.secret_file.empty()) from.complain("secret_file", "is needed");
    out.ca = from.text("ca", "");
    for (auto const& text : {out.url.target, out.secret_file.string(), out.ca}) {
        if (text.find_first_of("'\n") != std::string::npos) from.complain("url", "or a path holds a quote");
    }
    return out;
}

}  // namespace

std::vector<alert_receiver> read_alert_receivers(settings& from)
{
    std::vector<alert_receiver> out;
    for (auto& table : from.tables("alert_receivers")) {
        auto one = read_one(table);
        auto const same = std::any_of(out.begin(), out.end(), [&](auto const& each) { return each.name == one.name; });
        if (same) table.complain("name", "is that of another receiver, too");
        if (auto const complaint = table.finish()) from.complain("alert_receivers", "is wrong: " + *complaint);
        out.push_back(std::move(one));
    }
    if (out.size() > alert_receiver::most)
        from.complain("alert_receivers", "are more than " + std::to_string(alert_receiver::most));
    return out;
}

std::string alert_receivers_text(std::vector<alert_receiver> const& receivers)
{
    // Of what read_one() takes nothing needs more than these quotes.
    auto const line = [](char const* key, std::string const& value) {
        return std::string(key) + " = '" + value + "'\n";
    };
    std::string out;
    for (auto const& each : receivers) {
        auto const scheme = each.url.secure ? "https://" : "http://";
        out += "[[alert_receivers]]\n" + line("name", each.name) +
               line("url", scheme + each.url.host_and_port() + each.url.target) +
               line("secret_file", each.secret_file.string()) + line("ca", each.ca);
    }
    return out;
}

}  // namespace tp::registry
