#include "probe/agent/configuration.hpp"

#include <charconv>

namespace tp::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_registries = 8, most_registry_keys = 8;
constexpr std::size_t longest_name = 253;  // RFC 1035, section 2.3.4
constexpr std::int64_t mebibyte = 1024 * 1024;

bool is_name(std::string_view text)
{
    if (text.empty() || text.size() > longest_name || text.front() == '-' || text.front() == '.') return false;
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == text.npos;
}

void read_registries(settings& from, configuration& out)
{
    for (auto const& text : from.texts("registry.addresses")) {
        auto const one = host_port::parse(text);
        if (!one)
            from.complain("registry.addresses", "\"" + text + "\" is not HOST:PORT");
        else
            out.registries.push_back(*one);
    }
    for (auto const& text : from.texts("registry.host_keys")) {
        auto const one = ssh::public_key::parse(text);
        if (!one)
            from.complain("registry.host_keys", "\"" + text + "\" is not an Ed25519 public key");
        else
            out.registry_keys.push_back(*one);
    }
    if (out.registries.empty()) from.complain("registry.addresses", "names no registry");
    if (out.registry_keys.empty()) from.complain("registry.host_keys", "names no key");
    if (out.registries.size() > most_registries) from.complain("registry.addresses", "names too many");
    if (out.registry_keys.size() > most_registry_keys) from.complain("registry.host_keys", "names too many");
    out.claim_code = from.text("registry.claim_code", "");
    if (out.claim_code.size() > longest_name) from.complain("registry.claim_code", "is too long");
}

void read_caps(settings& from, caps& out)
{
    auto const number = [&](char const* key, unsigned otherwise, std::int64_t least, std::int64_t most) {
        return static_cast<unsigned>(from.integer(key, otherwise, least, most));
    };
    out.packets_per_second = number("caps.packets_per_second", out.packets_per_second, 1, 1'000'000);
    out.jobs_at_once = number("caps.jobs_at_once", out.jobs_at_once, 1, 10'000);
    out.largest_size = number("caps.largest_size", out.largest_size, 1, proto::ping_options::largest_size);
    out.shortest_interval = from.seconds("caps.shortest_interval", out.shortest_interval, 1s, 86'400s);
}

void read_link(settings& from, configuration& out)
{
    auto& with = out.redial;
    auto const milliseconds = [&](char const* key, std::chrono::milliseconds otherwise, std::int64_t most) {
        return std::chrono::milliseconds(from.integer(key, otherwise.count(), 1, most));
    };
    with.first_pause = milliseconds("link.first_pause_ms", with.first_pause, 60'000);
    with.longest_pause = milliseconds("link.longest_pause_ms", with.longest_pause, 3'600'000);
    if (with.longest_pause < with.first_pause)
        from.complain("link.longest_pause_ms", "is shorter than the first pause");
    out.jobs_kept = from.seconds("link.jobs_kept", out.jobs_kept, 0s, std::chrono::days{365});
}

}  // namespace

result<host_port> host_port::parse(std::string_view text)
{
    auto const colon = text.rfind(':');
    if (colon == text.npos) return errc::malformed;
    auto host = text.substr(0, colon);
    auto const digits = text.substr(colon + 1);
    host_port out;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || out.port == 0) return errc::malformed;
    bool const bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    auto const address = parse_address(host);
    bool const v6 = address && address->is_v6();
    if (bracketed != v6 || (!address && !is_name(host))) return errc::malformed;
    out.host = host;
    return out;
}

boost::system::result<configuration, std::string> configuration::read(settings from)
{
    configuration out;
    read_registries(from, out);
    out.state = from.text("state", out.state.string());
    if (out.state.empty()) from.complain("state", "is empty");
    out.user = from.text("user", "");
    out.allow_file = from.text("targets.allow_file", "");
    out.journal = from.text("journal", "");
    out.verbose = from.flag("verbose", false);
    read_caps(from, out.limits);
    out.spool.octets = static_cast<std::uint64_t>(
        from.integer("spool.mebibytes", static_cast<std::int64_t>(out.spool.octets) / mebibyte, 1, 65'536) * mebibyte);
    read_link(from, out);
    if (auto complaint = from.finish()) return std::move(*complaint);
    return out;
}

}  // namespace tp::probe
