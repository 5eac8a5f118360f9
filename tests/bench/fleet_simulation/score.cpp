#include "tests/bench/fleet_simulation/score.hpp"

#include <algorithm>
#include <cstdio>

namespace tp::simulation {
namespace {

struct cell_score {
    std::size_t all = 0, judged = 0, in_time = 0, in_time_by_clock = 0, ever = 0, released = 0;
    std::vector<int> hours;
    std::map<std::string, std::size_t> by;
};

/// A probe that was hardly in session after it turned bad cannot be judged.
bool can_be_judged(bad_record const& one)
{
    return one.caught || one.hours_in_session >= hours_to_catch;
}

cell_score add_up(score const& of, kind of_kind, strength how)
{
    cell_score out;
    for (auto const& each : of.bad) {
        if (each.of != of_kind || each.how != how) continue;
        ++out.all;
        if (!can_be_judged(each)) continue;
        ++out.judged;
        out.released += each.released ? 1 : 0;
        if (!each.caught) continue;
        ++out.ever;
        out.in_time += each.hours_in_session <= hours_to_catch ? 1 : 0;
        out.in_time_by_clock += each.hours <= hours_to_catch ? 1 : 0;
        out.hours.push_back(each.hours_in_session);
        ++out.by[std::string(name(each.by))];
    }
    std::sort(out.hours.begin(), out.hours.end());
    return out;
}

int quantile(std::vector<int> const& sorted, double share)
{
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

double percent(std::size_t of, std::size_t all)
{
    return all == 0 ? 0 : 100.0 * static_cast<double>(of) / static_cast<double>(all);
}

std::string best_rules(cell_score const& of)
{
    std::vector<std::pair<std::size_t, std::string>> sorted;
    for (auto const& [rule, count] : of.by) sorted.emplace_back(count, rule);
    std::sort(sorted.rbegin(), sorted.rend());
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(sorted.size(), 3); ++i) {
        out += (out.empty() ? "" : ", ") + sorted[i].second;
    }
    return out;
}

bool print_kind(score const& of, kind of_kind, goals const& wanted)
{
    bool met = true;
    for (auto const how : {strength::blatant, strength::middle, strength::careful}) {
        auto const cell = add_up(of, of_kind, how);
        if (how == strength::middle) {
            met = cell.judged > 0 &&
                  static_cast<double>(cell.in_time) >= wanted.middle_share * static_cast<double>(cell.judged);
        }
        auto const* const verdict = how != strength::middle ? "" : met ? "yes" : "NO";
        std::printf("  %-18s %-8s %5zu %5zu  %6.1f %%  %6.1f %%  %6.1f %%  %6d %6d  %8zu  %-4s %s\n",
                    std::string(name(of_kind)).c_str(), std::string(name(how)).c_str(), cell.all, cell.judged,
                    percent(cell.in_time, cell.judged), percent(cell.in_time_by_clock, cell.judged),
                    percent(cell.ever, cell.judged), quantile(cell.hours, 0.5), quantile(cell.hours, 0.99),
                    cell.released, verdict, best_rules(cell).c_str());
    }
    return met;
}

void print_counts(char const* title, std::map<std::string, std::uint64_t> const& counts)
{
    std::printf("  %s:", title);
    for (auto const& [what, count] : counts)
        std::printf(" %s %llu;", what.c_str(), static_cast<unsigned long long>(count));
    std::printf("\n");
}

double for_10000_days(std::uint64_t count, std::uint64_t hours)
{
    constexpr double hours_of_10000_days = 240'000;
    return hours == 0 ? 0 : static_cast<double>(count) * hours_of_10000_days / static_cast<double>(hours);
}

bool print_honest(score const& of, goals const& wanted)
{
    auto const& honest = of.honest;
    auto const rate = false_isolations(of);
    auto released = honest.hours_to_release;
    std::sort(released.begin(), released.end());
    std::printf("\n  honest: %.0f probe-days in session\n", static_cast<double>(honest.hours) / 24);
    std::printf("  false isolations: %llu, %.2f for 10,000 probe-days (at most %.0f)\n",
                static_cast<unsigned long long>(honest.isolations), rate, wanted.false_isolations);
    std::printf("  of these in mass events: %llu (at most %llu)\n",
                static_cast<unsigned long long>(honest.in_mass_events),
                static_cast<unsigned long long>(wanted.in_mass_events));
    std::printf("  false suspicions: %llu, %.1f for 10,000 probe-days\n",
                static_cast<unsigned long long>(honest.suspicions), for_10000_days(honest.suspicions, honest.hours));
    std::printf("  falsely isolated and released since: %zu, after %d h in the median\n", released.size(),
                quantile(released, 0.5));
    print_counts("isolated by", honest.isolations_by);
    print_counts("suspected by", honest.suspicions_by);
    print_counts("mass events", of.events);
    print_counts("alerts of the guard", of.alerts_by);
    for (auto const& each : honest.stories) std::printf("    %s\n", each.c_str());
    return rate <= wanted.false_isolations && honest.in_mass_events <= wanted.in_mass_events;
}

template <class Key>
void merge(std::map<Key, std::uint64_t>& into, std::map<Key, std::uint64_t> const& more)
{
    for (auto const& [key, count] : more) into[key] += count;
}

template <class T>
void append(std::vector<T>& into, std::vector<T> const& more)
{
    into.insert(into.end(), more.begin(), more.end());
}

}  // namespace

score& score::operator+=(score&& more)
{
    append(bad, more.bad);
    append(honest.stories, more.honest.stories);
    append(honest.hours_to_release, more.honest.hours_to_release);
    honest.hours += more.honest.hours;
    honest.suspicions += more.honest.suspicions;
    honest.isolations += more.honest.isolations;
    honest.in_mass_events += more.honest.in_mass_events;
    merge(honest.isolations_by, more.honest.isolations_by);
    merge(honest.suspicions_by, more.honest.suspicions_by);
    merge(alerts_by, more.alerts_by);
    merge(events, more.events);
    alerts += more.alerts;
    doubted_hours += more.doubted_hours;
    return *this;
}

double false_isolations(score const& of)
{
    return for_10000_days(of.honest.isolations, of.honest.hours);
}

std::size_t caught_in_time(score const& of, kind of_kind, strength how, std::size_t& judged)
{
    auto const cell = add_up(of, of_kind, how);
    judged = cell.judged;
    return cell.in_time;
}

bool print(score const& of, goals const& wanted)
{
    std::printf("  %-18s %-8s %5s %5s  %8s  %8s  %8s  %6s %6s  %8s  %-4s %s\n", "kind", "strength", "bad", "seen",
                "in 48 h", "by clock", "ever", "median", "p99 h", "released", "goal", "mostly by");
    bool met = true;
    for (std::size_t i = 1; i < kind_count; ++i) met = print_kind(of, static_cast<kind>(i), wanted) && met;
    return print_honest(of, wanted) && met;
}

}  // namespace tp::simulation
