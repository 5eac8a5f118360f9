#include "registry/watch/canaries.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

#include "proto/report.hpp"

namespace tp::registry {
namespace {

using detect::canary;
using std::chrono::seconds;

constexpr int asked_in_a_round = 4;
constexpr unsigned nonce_header_octets = 1'024;
constexpr std::string_view nonce_key = "nonce=";
constexpr std::string_view nonce_header = "x-trigpoint-nonce:";
constexpr std::uint16_t tls_port = 443, http_port = 80;

struct kind_word {
    canary kind{};
    std::string_view word;
};
constexpr std::array words{kind_word{canary::unannounced_prefix, "unannounced-prefix"},
                           kind_word{canary::closed_port, "closed-port"}, kind_word{canary::absent_name, "absent-name"},
                           kind_word{canary::nonce, "nonce"}};

std::optional<canary> kind_named(std::string_view word) noexcept
{
    auto const found = std::find_if(words.begin(), words.end(), [&](auto const& each) { return each.word == word; });
    return found == words.end() ? std::nullopt : std::optional(found->kind);
}

/// What a result says about a canary.
enum class outcome { as_it_must_be, wrong, unanswered, nothing };

outcome judge_ping(proto::ping_report const& found)
{
    bool const answered = std::any_of(found.packets.begin(), found.packets.end(),
                                      [](auto const& each) { return each.round_trip && each.error.empty(); });
    return answered ? outcome::wrong : outcome::as_it_must_be;
}

outcome judge_tls(proto::tls_report const& found)
{
    bool const there = found.connect_time || !found.certificates.empty() || found.alert;
    return there ? outcome::wrong : outcome::as_it_must_be;
}

/// An answer without an error that has records. Servers that are broken say many other things.
bool has_records(proto::dns_exchange const& one)
{
    constexpr std::size_t flags = 3, count = 6;
    auto const& message = one.answer.empty() ? one.answer_head : one.answer;
    if (message.size() < proto::dns_exchange::head_length) return false;
    auto const octet = [&](std::size_t at) { return static_cast<unsigned char>(message[at]); };
    return (octet(flags) & 0xfU) == 0 && (octet(count) != 0 || octet(count + 1) != 0);
}

outcome judge_dns(proto::dns_report const& found)
{
    if (std::any_of(found.exchanges.begin(), found.exchanges.end(), has_records)) return outcome::wrong;
    bool const asked = std::any_of(found.exchanges.begin(), found.exchanges.end(),
                                   [](auto const& each) { return each.error_name.empty(); });
    return asked ? outcome::as_it_must_be : outcome::nothing;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

outcome judge_http(proto::http_report const& found, std::string_view nonce)
{
    if (!found.status) return outcome::unanswered;
    auto const wanted = std::string(nonce_header) + ' ' + std::string(nonce);
    bool const told = std::any_of(found.headers.begin(), found.headers.end(),
                                  [&](std::string const& line) { return lower(line) == wanted; });
    return told ? outcome::as_it_must_be : outcome::wrong;
}

std::string_view nonce_of(proto::job const& asked)
{
    auto const* const http = std::get_if<proto::http_options>(&asked.options);
    if (http == nullptr || !http->query_string.starts_with(nonce_key)) return {};
    return std::string_view(http->query_string).substr(nonce_key.size());
}

outcome judge(proto::report const& told, canary kind, proto::job const& asked)
{
    // A refusal by the guard, or a probe that has no such family, says nothing.
    bool const by_probe = told.failed && (told.failed->source == proto::failure_source::guard ||
                                          told.failed->source == proto::failure_source::probe);
    if (by_probe) return outcome::nothing;
    auto const* const ping = std::get_if<proto::ping_report>(&told.found);
    auto const* const tls = std::get_if<proto::tls_report>(&told.found);
    auto const* const dns = std::get_if<proto::dns_report>(&told.found);
    auto const* const http = std::get_if<proto::http_report>(&told.found);
    if (kind == canary::unannounced_prefix && ping != nullptr) return judge_ping(*ping);
    if (kind == canary::closed_port && tls != nullptr) return judge_tls(*tls);
    if (kind == canary::absent_name && dns != nullptr) return judge_dns(*dns);
    if (kind == canary::nonce && http != nullptr) return judge_http(*http, nonce_of(asked));
    return outcome::nothing;
}

void read_target(settings& from, canary_target& out)
{
    out.target = from.text("target", "");
    if (out.kind == canary::absent_name) {
        if (out.target.empty() || out.target.size() > proto::dns_options::longest_argument)
            from.complain("target", "has to be a name that does not exist");
        if (out.target.find_first_of("'\n") != std::string::npos) from.complain("target", "holds a quote");
        out.af = from.integer("af", 4, 4, 6) == 6 ? proto::family::v6 : proto::family::v4;
        return;
    }
    auto const address = parse_address(out.target);
    if (!address) return from.complain("target", "has to be an address");
    out.af = address->is_v6() ? proto::family::v6 : proto::family::v4;
    if (out.kind == canary::unannounced_prefix) return;
    auto const usual = out.kind == canary::nonce ? http_port : tls_port;
    out.port = static_cast<std::uint16_t>(from.integer("port", usual, 1, 65'535));
}

proto::options options_for(canary_target const& target, std::string const& nonce)
{
    switch (target.kind) {
        case canary::closed_port:
            return proto::tls_options{.port = target.port};
        case canary::absent_name:
            return proto::dns_options{.query_argument = target.target, .use_probe_resolver = true, .set_rd_bit = true};
        case canary::nonce:
            return proto::http_options{.query_string = std::string(nonce_key) + nonce,
                                       .port = target.port,
                                       .header_bytes = nonce_header_octets};
        case canary::unannounced_prefix:
            break;
    }
    return proto::ping_options{};
}

}  // namespace

std::string_view word_for(canary kind) noexcept
{
    return words[static_cast<std::size_t>(kind)].word;
}

canary_settings read_canary_settings(settings& from)
{
    constexpr std::int64_t most_probes = 10'000;
    canary_settings out;
    out.probes = static_cast<std::uint32_t>(from.integer("detectors.canary_probes", out.probes, 0, most_probes));
    for (auto& table : from.tables("canaries")) {
        canary_target one;
        auto const word = table.text("kind", "");
        if (auto const kind = kind_named(word)) {
            one.kind = *kind;
            read_target(table, one);
        } else {
            table.complain("kind", "is none of unannounced-prefix, closed-port, absent-name and nonce");
        }
        if (auto const complaint = table.finish()) from.complain("canaries", "is wrong: " + *complaint);
        out.targets.push_back(std::move(one));
    }
    if (out.targets.size() > canary_target::most)
        from.complain("canaries", "are more than " + std::to_string(canary_target::most));
    return out;
}

std::string canaries_text(canary_settings const& chosen)
{
    std::string out;
    for (auto const& each : chosen.targets) {
        out += "[[canaries]]\nkind = '" + std::string(word_for(each.kind)) + "'\ntarget = '" + each.target + "'\n";
        if (each.kind == canary::absent_name)
            out += "af = " + std::to_string(static_cast<int>(each.af)) + '\n';
        else if (each.kind != canary::unannounced_prefix)
            out += "port = " + std::to_string(each.port) + '\n';
    }
    return out;
}

store::new_measurement canary_measurement(canary_target const& target, account_id owner, wall_time now, seconds round,
                                          std::string const& nonce)
{
    proto::job job{.measurement = *measurement_id::from(1), .af = target.af, .options = options_for(target, nonce)};
    if (proto::needs_target(job.options)) {
        job.target = target.target;
        job.address = *parse_address(target.target);
    }
    auto const interval = std::max(round / asked_in_a_round, seconds{1});
    job.when = {.start = now, .stop = now + round, .interval = interval, .spread = interval / 2};
    store::new_measurement out{.job = std::move(job), .owner = owner};
    out.description = "canary";
    out.is_public = false;
    out.probe_sources = "[]";
    out.canary = word_for(target.kind);
    return out;
}

result<canary_hours> canary_hours::of(store::canary_job const& asked)
{
    auto const kind = kind_named(asked.kind);
    if (!kind) return errc::malformed;
    return canary_hours(*kind, asked.job);
}

void canary_hours::add(store::result_row const& row)
{
    auto const report = proto::decode_report(row.payload);
    if (!report) return;
    auto const said = judge(*report, kind_, asked_);
    if (said == outcome::nothing) return;
    detect::canary_hour const fresh{.measurement = asked_.measurement, .kind = kind_};
    auto& into = by_probe_.try_emplace(row.probe, fresh).first->second;
    constexpr auto most = std::numeric_limits<std::uint16_t>::max();
    if (into.asked == most) return;
    ++into.asked;
    into.wrong = static_cast<std::uint16_t>(into.wrong + (said == outcome::wrong ? 1 : 0));
    into.unanswered = static_cast<std::uint16_t>(into.unanswered + (said == outcome::unanswered ? 1 : 0));
}

void canary_hours::give_to(probe_hours& all) const
{
    bool const answers = std::any_of(by_probe_.begin(), by_probe_.end(),
                                     [](auto const& each) { return each.second.unanswered < each.second.asked; });
    for (auto const& [probe, each] : by_probe_) {
        auto const found = all.find(probe);
        if (found == all.end() || found->second.canaries.size() == detect::probe_hour::most_canaries) continue;
        found->second.canaries.push_back(each);
        if (!answers) found->second.canaries.back().unanswered = 0;
    }
}

}  // namespace tp::registry
