#include "firmware-signing/control/hosts.hpp"

#include "base/ip_prefix.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::control {
namespace {

using signing::refusal;

constexpr std::size_t longest_line = 512;  // octets; the longest that can be written is shorter
constexpr std::uint64_t highest_port = 65'535;
constexpr std::string_view digits = "0123456789";

/// What stands in a place for a host. No name ends in a number: some resolver would take it for an address.
bool is_host(std::string_view text)
{
    auto const address = parse_address(text);
    if (address) return address->is_v4() && address->to_string() == text;
    auto const last_label = text.substr(text.rfind('.') + 1);
    return signing::is_host_name(text) && last_label.find_first_not_of(digits) != last_label.npos;
}

result<ssh::public_key> read_key(std::string_view text)
{
    auto key = ssh::public_key::parse(text);
    if (!key || key->text() != text) return refusal::malformed;
    return key;
}

/// Takes the lines that begin with this word, of which each is above the one before it.
template <class T, class Read>
result<std::vector<T>> take_all(signing::line_reader& from, std::string_view word, std::size_t most, Read read)
{
    std::vector<T> out;
    std::string_view last;
    while (from.rest().starts_with(word) && from.rest().substr(word.size(), 1) == " ") {
        auto const text = from.take_value(word, longest_line);
        if (!text) return text.error();
        if (out.size() == most) return refusal::too_large;
        auto value = read(*text);
        if (!value || (!out.empty() && *text <= last)) return refusal::malformed;
        out.push_back(std::move(*value));
        last = *text;
    }
    return out;
}

}  // namespace

result<place> place::parse(std::string_view text)
{
    auto const colon = text.rfind(':');
    if (colon == text.npos) return refusal::malformed;
    auto const port = signing::read_number(text.substr(colon + 1), highest_port);
    if (!port || *port == 0) return refusal::malformed;
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        auto const address = parse_address(host);
        if (!address || !address->is_v6() || address->to_string() != host) return refusal::malformed;
    } else if (!is_host(host)) {
        return refusal::malformed;
    }
    return place{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string place::text() const
{
    bool const v6 = host.find(':') != host.npos;
    return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

result<hosts> read_hosts(std::string_view content)
{
    signing::line_reader from(content);
    auto registries = take_all<place>(from, "registry", hosts::most_registries, place::parse);
    if (!registries) return registries.error();
    auto registry_keys = take_all<ssh::public_key>(from, "registry-key", hosts::most_registry_keys, read_key);
    if (!registry_keys) return registry_keys.error();
    auto controller_keys = take_all<ssh::public_key>(from, "controller-key", hosts::most_controller_keys, read_key);
    if (!controller_keys) return controller_keys.error();
    if (!from.empty() || registries->empty() || registry_keys->empty()) return refusal::malformed;
    return hosts{std::move(*registries), std::move(*registry_keys), std::move(*controller_keys)};
}

bool is_line_of_hosts(std::string_view line)
{
    auto const word = signing::take_word(line);
    if (word == "registry") return place::parse(line).has_value();
    return (word == "registry-key" || word == "controller-key") && read_key(line).has_value();
}

}  // namespace tp::control
