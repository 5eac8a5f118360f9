#include "probe/agent/configuration.hpp"

#include <charconv>

#include "firmware-signing/trust_settings.hpp"

namespace tp::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_registries = 8, most_registry_keys = 8;
constexpr std::size_t longest_name = 253;  // RFC 1035, section 2.3.4
constexpr std::int64_t most_packets_per_second = 1'000'000, most_jobs_at_once = 10'000;
constexpr std::int64_t most_bits_per_second = 10'000'000'000, most_bytes_per_day = 100'000'000'000'000;
constexpr std::size_t longest_revision = 32;  // octets
constexpr std::int64_t kibibyte = 1024;
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

/// What a whole machine or one type may cost has the same names.
template <class Limit>
void read_limit(settings& from, std::string const& key, Limit& out, std::int64_t most)
{
    if (from.has(key)) out = static_cast<std::uint64_t>(from.integer(key, 1, 1, most));
}

void read_type_caps(settings& from, std::string const& name, type_caps& out)
{
    auto const before = "caps." + name + '.';
    auto const number = [&](char const* key, std::optional<unsigned>& limit, std::int64_t most) {
        std::optional<std::uint64_t> read;
        read_limit(from, before + key, read, most);
        if (read) limit = static_cast<unsigned>(*read);
    };
    number("packets_per_second", out.packets_per_second, most_packets_per_second);
    number("jobs_at_once", out.jobs_at_once, most_jobs_at_once);
    read_limit(from, before + "bits_per_second", out.bits_per_second, most_bits_per_second);
}

void read_types(settings& from, caps& out)
{
    for (std::size_t i = 0; i < proto::kind_names.size(); ++i)
        read_type_caps(from, std::string(proto::kind_names[i].capability), out.types[i]);
    if (!from.has("caps.types")) return;
    for (auto& one : out.types) one.allowed = false;
    for (auto const& name : from.texts("caps.types")) {
        auto const kind = proto::kind_of_capability(name);
        if (!kind)
            from.complain("caps.types", "names \"" + name + "\", which is no type of measurement");
        else
            out.of(*kind).allowed = true;
    }
}

void read_hours(settings& from, configuration& out)
{
    for (auto const& text : from.texts("caps.quiet_hours")) {
        if (!out.limits.quiet.add(text))
            from.complain("caps.quiet_hours", "\"" + text + "\" is no range like \"23:00-06:30\", or one too many");
    }
    auto const text = from.text("caps.utc_offset", "");
    auto const offset = parse_utc_offset(text);
    if (offset)
        out.utc_offset = *offset;
    else if (!text.empty())
        from.complain("caps.utc_offset", "\"" + text + "\" is no offset like \"+02:00\"");
}

void read_caps(settings& from, configuration& out)
{
    auto const profile = from.text("caps.profile", "home");
    if (profile != "home" && profile != "anchor") from.complain("caps.profile", "is neither \"home\" nor \"anchor\"");
    auto& limits = out.limits = profile == "anchor" ? caps::anchor() : caps::home();
    auto const number = [&](char const* key, unsigned otherwise, std::int64_t least, std::int64_t most) {
        return static_cast<unsigned>(from.integer(key, otherwise, least, most));
    };
    limits.packets_per_second =
        number("caps.packets_per_second", limits.packets_per_second, 1, most_packets_per_second);
    limits.jobs_at_once = number("caps.jobs_at_once", limits.jobs_at_once, 1, most_jobs_at_once);
    limits.largest_size = number("caps.largest_size", limits.largest_size, 1, proto::ping_options::largest_size);
    limits.shortest_interval = from.seconds("caps.shortest_interval", limits.shortest_interval, 1s, 86'400s);
    limits.http_body_bytes =
        number("caps.http_body_bytes", limits.http_body_bytes, 1, proto::http_options::most_body_bytes);
    read_limit(from, "caps.bits_per_second", limits.bits_per_second, most_bits_per_second);
    read_limit(from, "caps.bytes_per_day", limits.bytes_per_day, most_bytes_per_day);
    read_types(from, limits);
    read_hours(from, out);
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

void read_updates(settings& from, configuration& out)
{
    using mode = update::host_wishes::mode;
    out.updates_root = from.text("updates.root", "");
    auto const how = from.text("updates.mode", "auto");
    if (how == "auto")
        out.updates.how = mode::automatic;
    else if (how == "forced-only")
        out.updates.how = mode::forced_only;
    else if (how == "off")
        out.updates.how = mode::off;
    else
        from.complain("updates.mode", "is none of \"auto\", \"forced-only\", \"off\"");
    for (auto const& text : from.texts("updates.window")) {
        if (!out.updates.window.add(text))
            from.complain("updates.window", "\"" + text + "\" is no range like \"02:00-05:00\", or one too many");
    }
    out.updates.jitter = from.seconds("updates.jitter", out.updates.jitter, 0s, std::chrono::days{7});
    out.updates.utc_offset = out.utc_offset;
    out.hardware = from.text("updates.hardware", "");
    if (out.hardware.size() > longest_revision) from.complain("updates.hardware", "is too long");
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

boost::system::result<configuration, std::string> configuration::read(settings from, settings::unknown_keys are)
{
    configuration out;
    read_registries(from, out);
    out.state = from.text("state", out.state.string());
    if (out.state.empty()) from.complain("state", "is empty");
    out.user = from.text("user", "");
    out.allow_file = from.text("targets.allow_file", "");
    out.trust = signing::read_trusted_keys(from);
    out.verbose = from.flag("verbose", false);
    read_caps(from, out);
    out.spool.octets = static_cast<std::uint64_t>(
        from.integer("spool.mebibytes", static_cast<std::int64_t>(out.spool.octets) / mebibyte, 1, 65'536) * mebibyte);
    out.log_octets = static_cast<std::uint64_t>(
        from.integer("log.kibibytes", static_cast<std::int64_t>(out.log_octets) / kibibyte, 16, 1024 * 1024) *
        kibibyte);
    read_link(from, out);
    out.slots = from.text("firmware.slots", out.slots.string());
    out.commit_after = from.seconds("firmware.commit_after", out.commit_after, 0s, std::chrono::days{1});
    read_updates(from, out);
    if (auto complaint = from.finish(are)) return std::move(*complaint);
    return out;
}

}  // namespace tp::probe
