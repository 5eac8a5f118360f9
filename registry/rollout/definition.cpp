#include "registry/rollout/definition.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace tp::registry::rollout {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// "lab", "1%", "2.5%", "0.01%".
result<share> parse_share(std::string_view text)
{
    if (text == "lab") return share{0};
    if (text.size() < 2 || text.back() != '%') return errc::malformed;
    text.remove_suffix(1);
    auto const dot = text.find('.');
    auto const fraction = dot == text.npos ? std::string_view() : text.substr(dot + 1);
    if (dot != text.npos && (fraction.empty() || fraction.size() > 2)) return errc::malformed;
    std::string digits(text.substr(0, dot));
    if (digits.empty() || digits.size() > 3) return errc::malformed;
    digits += fraction;
    digits.append(2 - fraction.size(), '0');
    share out = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (error != std::errc{} || end != digits.data() + digits.size()) return errc::malformed;
    if (out == 0 || out > whole) return errc::out_of_range;
    return out;
}

bool is_looser(limits const& at, limits const& than) noexcept
{
    return at.failed > than.failed || at.silent > than.silent || at.few_failed > than.few_failed ||
           at.few_silent > than.few_silent || at.success < than.success || at.rate_lost > than.rate_lost ||
           at.round_trip > than.round_trip;
}

/// A wave reaches more than a small one that succeeded vouches for.
bool has_large_steps(waves const& reach)
{
    share before = 0;
    for (auto const each : reach) {
        if (each > std::max(largest_first, before * largest_growth)) return true;
        before = each;
    }
    return false;
}

std::string complaint_about(std::vector<target> const& targets)
{
    if (targets.empty() || targets.size() > definition::most_targets) return "it needs one target, or up to 16";
    std::set<std::string_view> models;
    for (auto const& each : targets) {
        if (each.path.empty()) return "a target has no path";
        if (!each.model.empty() && !models.insert(each.model).second)
            return "two targets are for the model " + each.model;
    }
    return {};
}

}  // namespace

result<waves> parse_waves(std::string_view text)
{
    waves out;
    for (;;) {
        auto const comma = text.find(',');
        auto const one = parse_share(text.substr(0, comma));
        if (!one) return one.error();
        if (out.size() == most_waves || (!out.empty() && *one <= out.back())) return errc::out_of_range;
        out.push_back(*one);
        if (comma == text.npos) break;
        text.remove_prefix(comma + 1);
    }
    if (out.back() != whole) return errc::out_of_range;
    return out;
}

std::string text_of(share of)
{
    if (of == 0) return "lab";
    auto out = std::to_string(of / 100);
    if (auto const rest = of % 100; rest != 0) {
        out += '.' + std::to_string(rest / 10);
        if (rest % 10 != 0) out += std::to_string(rest % 10);
    }
    return out + '%';
}

std::string text_of(waves const& all)
{
    std::string out;
    for (auto const each : all) out += (out.empty() ? "" : ",") + text_of(each);
    return out;
}

definition usual(mode how)
{
    definition out;
    out.how = how;
    if (how == mode::forced) {
        out.reach = {0, 100, whole};
        out.soak = seconds{30};
        out.back_within = minutes{10};
        out.deadline = minutes{10};
    } else {
        out.reach = {0, 100, 500, 2'500, whole};
        out.soak = hours{24};
        out.back_within = hours{1};
        out.deadline = hours{72};
    }
    return out;
}

unsigned approvals_for(definition const& what)
{
    bool const hurried =
        what.how == mode::forced || what.deadline < shortest_unhurried || what.soak < shortest_unhurried;
    bool const blind = what.back_within > usual(what.how).back_within || is_looser(what.halt_at, limits{});
    return hurried || blind || has_large_steps(what.reach) ? most_approvals : 1;
}

std::vector<std::int32_t> numbers_of(limits const& from)
{
    std::vector<std::int32_t> out;
    for (auto const each :
         {from.failed, from.silent, from.few_failed, from.few_silent, from.success, from.rate_lost, from.round_trip})
        out.push_back(static_cast<std::int32_t>(each));
    return out;
}

result<limits> limits_from(std::vector<std::int32_t> const& numbers)
{
    if (numbers.size() != 7) return errc::malformed;
    for (auto const each : numbers) {
        if (each < 0) return errc::malformed;
    }
    auto const at = [&](std::size_t i) { return static_cast<std::uint32_t>(numbers[i]); };
    return limits{.failed = at(0),
                  .silent = at(1),
                  .few_failed = at(2),
                  .few_silent = at(3),
                  .success = at(4),
                  .rate_lost = at(5),
                  .round_trip = at(6)};
}

std::string complaint_about(definition const& what)
{
    auto wrong = complaint_about(what.targets);
    if (!wrong.empty()) return wrong;
    auto const again = parse_waves(text_of(what.reach));
    if (what.reach.empty() || !again || *again != what.reach) return "its waves have to rise, and to end with 100%";
    if (what.lab_tag.empty() || what.lab_tag.size() > definition::longest_tag)
        return "the tag of the lab has 1 to 64 characters";
    for (auto const time : {what.soak, what.back_within, what.deadline}) {
        if (time < seconds{1} || time > definition::longest) return "its times have to be from 1 s to 90 days";
    }
    auto const& at = what.halt_at;
    for (auto const each : {at.failed, at.silent, at.success, at.rate_lost, at.round_trip}) {
        if (each < 1 || each > whole) return "its limits have to be from 0.01% to 100%";
    }
    return {};
}

}  // namespace tp::registry::rollout
