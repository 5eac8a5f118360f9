#include "registry/watch/look_ups.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tp::registry {
namespace {

using std::chrono::seconds;

constexpr unsigned tries_more = 2;  // one lost packet is no silence
constexpr std::array records{address_record::a, address_record::aaaa};
constexpr std::array families{proto::family::v4, proto::family::v6};
constexpr std::array<std::string_view, 4> said_words{"correct", "incorrect", "denied", "unanswered"};

std::optional<address_record> record_named(std::string_view word) noexcept
{
    for (auto const each : records)
        if (word == word_for(each)) return each;
    return std::nullopt;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::vector<ip_address> read_addresses(settings& from, std::string const& key, bool v4)
{
    std::vector<ip_address> out;
    for (auto const& text : from.texts(key)) {
        auto const address = parse_address(text);
        if (address && address->is_v4() == v4)
            out.push_back(*address);
        else
            from.complain(key, "holds \"" + text + "\", which is no address of that family");
    }
    if (out.size() > look_up_settings::most_addresses)
        from.complain(key, "holds more than " + std::to_string(look_up_settings::most_addresses));
    return out;
}

std::string address_list(std::vector<ip_address> const& all)
{
    std::string out;
    for (auto const& each : all) out += (out.empty() ? "\"" : ", \"") + each.to_string() + '"';
    return '[' + out + ']';
}

store::new_measurement ask(look_up_settings const& chosen, look_up what, account_id owner, proto::timetable when)
{
    proto::dns_options options{.query_argument = in_mixed_case(chosen.name)};
    options.query_type = static_cast<std::uint16_t>(what.record);
    options.use_probe_resolver = true;
    options.set_rd_bit = true;
    options.retry = tries_more;
    proto::job job{.measurement = *measurement_id::from(1), .af = what.af, .options = std::move(options)};
    job.when = std::move(when);
    store::new_measurement out{.job = std::move(job), .owner = owner};
    out.description = "look-up";
    out.is_public = false;
    out.probe_sources = "[]";
    out.look_up = word_for(what.record);
    return out;
}

/// Whether it is that question, at the same pace, whenever it began.
bool is_same(proto::job standing, proto::job const& wanted)
{
    standing.measurement = wanted.measurement;
    standing.when.start = wanted.when.start;
    return standing == wanted;
}

enum class answer_kind { right, wrong, denied, unanswered, nothing };

/// @param question  the name on the wire, as it was sent.
answer_kind judge_answer(proto::dns_exchange const& one, std::string const& question, address_record record,
                         std::vector<ip_address> const& right, bool& mangled)
{
    if (one.error_name == "timeout") return answer_kind::unanswered;
    if (!one.error_name.empty() || one.answer.empty()) return answer_kind::nothing;
    auto const found = read_dns_answer(one.answer, record);
    if (!found) return answer_kind::unanswered;  // nothing that a program could use
    if (!found->question.empty()) {
        if (lower(found->question) != lower(question)) return answer_kind::unanswered;
        mangled = mangled || found->question != question;
    }
    if (found->truncated) return answer_kind::nothing;
    if (found->code == dns_answer::no_such_name) return answer_kind::denied;
    if (found->code != dns_answer::no_error) return answer_kind::unanswered;
    if (found->addresses.empty()) return answer_kind::denied;
    bool const well = std::all_of(found->addresses.begin(), found->addresses.end(), [&](ip_address const& each) {
        return std::find(right.begin(), right.end(), each) != right.end();
    });
    return well ? answer_kind::right : answer_kind::wrong;
}

}  // namespace

look_up_settings read_look_up_settings(settings& from)
{
    look_up_settings out;
    out.name = from.text("look_ups.name", "");
    out.a = read_addresses(from, "look_ups.a", true);
    out.aaaa = read_addresses(from, "look_ups.aaaa", false);
    out.every =
        from.seconds("look_ups.every", out.every, look_up_settings::shortest_period, look_up_settings::longest_period);
    bool const answers = !out.a.empty() || !out.aaaa.empty();
    if (!out.name.empty() && name_on_wire(out.name).empty())
        from.complain("look_ups.name", "is not the name of a host, without a dot at its end");
    if (out.name.empty() && answers) from.complain("look_ups.name", "is missing");
    if (!out.name.empty() && !answers) from.complain("look_ups.a", "and \"look_ups.aaaa\" are both empty");
    return out;
}

std::string look_ups_text(look_up_settings const& chosen)
{
    if (chosen.name.empty()) return {};
    return "look_ups.name = \"" + chosen.name + "\"\nlook_ups.a = " + address_list(chosen.a) +
           "\nlook_ups.aaaa = " + address_list(chosen.aaaa) +
           "\nlook_ups.every = " + std::to_string(chosen.every.count()) + '\n';
}

std::string_view word_for(address_record of) noexcept
{
    return of == address_record::a ? "a" : "aaaa";
}

std::string_view word_for(resolver_said what) noexcept
{
    return said_words[static_cast<std::size_t>(what)];
}

std::string in_mixed_case(std::string_view name)
{
    auto out = lower(name);
    bool capital = false;
    for (auto& c : out) {
        if (c < 'a' || c > 'z') continue;
        if (capital) c = static_cast<char>(c - 'a' + 'A');
        capital = !capital;
    }
    return out;
}

std::vector<look_up> look_ups_of(look_up_settings const& chosen)
{
    std::vector<look_up> out;
    if (chosen.name.empty()) return out;
    for (auto const record : records) {
        if (chosen.right(record).empty()) continue;
        for (auto const af : families) out.push_back({record, af});
    }
    return out;
}

store::new_measurement standing_look_up(look_up_settings const& chosen, look_up what, account_id owner, wall_time now)
{
    return ask(chosen, what, owner, {.start = now, .interval = chosen.every, .spread = chosen.every});
}

store::new_measurement first_look_up(look_up_settings const& chosen, look_up what, account_id owner, wall_time now,
                                     seconds within)
{
    return ask(chosen, what, owner, {.start = now, .stop = now + within, .interval = within, .spread = within});
}

look_up_plan plan_look_ups(look_up_settings const& chosen, std::vector<store::look_up_job> const& standing)
{
    look_up_plan out;
    auto const wanted = look_ups_of(chosen);
    out.kept.resize(wanted.size());
    auto const anybody = *account_id::from(1);
    for (auto const& each : standing) {
        bool kept = false;
        for (std::size_t i = 0; i < wanted.size() && !kept; ++i) {
            if (out.kept[i] || !is_same(each.job, standing_look_up(chosen, wanted[i], anybody, {}).job)) continue;
            out.kept[i] = each.job.measurement;
            kept = true;
        }
        if (!kept) out.to_stop.push_back(each.job.measurement);
    }
    return out;
}

std::optional<look_up_verdict> judge_look_up(proto::report const& told, std::string_view asked, address_record record,
                                             std::vector<ip_address> const& right)
{
    auto const* const found = std::get_if<proto::dns_report>(&told.found);
    if (told.failed || found == nullptr) return std::nullopt;
    auto const question = name_on_wire(asked);
    std::array<bool, 5> some{};
    look_up_verdict out;
    for (auto const& each : found->exchanges)
        some[static_cast<std::size_t>(judge_answer(each, question, record, right, out.mangles_case))] = true;
    auto const any = [&](answer_kind kind) { return some[static_cast<std::size_t>(kind)]; };
    if (any(answer_kind::wrong) || (any(answer_kind::right) && any(answer_kind::denied)))
        out.said = resolver_said::incorrect;
    else if (any(answer_kind::right))
        out.said = resolver_said::correct;
    else if (any(answer_kind::denied))
        out.said = resolver_said::denied;
    else if (any(answer_kind::unanswered))
        out.said = resolver_said::unanswered;
    else
        return std::nullopt;
    return out;
}

std::optional<store::look_up_finding> finding_of(look_up_settings const& chosen, store::look_up_job const& asked,
                                                 store::result_row const& row)
{
    auto const* const options = std::get_if<proto::dns_options>(&asked.job.options);
    auto const record = record_named(asked.record);
    if (options == nullptr || !record || options->query_argument != in_mixed_case(chosen.name)) return std::nullopt;
    if (chosen.right(*record).empty()) return std::nullopt;
    auto const report = proto::decode_report(row.payload);
    if (!report) return std::nullopt;
    auto const verdict = judge_look_up(*report, options->query_argument, *record, chosen.right(*record));
    if (!verdict) return std::nullopt;
    return store::look_up_finding{.probe = row.probe,
                                  .record = asked.record,
                                  .af = asked.job.af,
                                  .said = std::string(word_for(verdict->said)),
                                  .mangles_case = verdict->mangles_case,
                                  .at = row.timestamp};
}

}  // namespace tp::registry
