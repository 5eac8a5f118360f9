#include "store/trust.hpp"

#include <array>

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::array<std::string_view, 8> states{"preauthorised", "pending",   "active",  "suspect",
                                                 "isolated",      "probation", "revoked", "retired"};
constexpr std::array<std::string_view, 14> events{"claimed",     "admitted",    "doubted", "accused",   "cleared",
                                                  "isolated",    "released",    "tried",   "revoked",   "retired",
                                                  "written_off", "transferred", "reset",   "reinstated"};
constexpr std::array<std::string_view, 3> actors{"registry", "operator", "host"};

result<trust_state> state_at(rows const& found, int row, int column)
{
    auto const state = trust_state_named(found.text(row, column));
    if (!state) return errc::malformed;
    return *state;
}

/// Of what the SQL functions answer: what became of it, the state before, the state after.
result<trust_outcome> outcome_from(rows const& found)
{
    using kind = trust_outcome::kind;
    auto const said = found.text(0, 0);
    if (said == "unknown") return errc::not_found;
    trust_outcome out{.what = said == "changed"     ? kind::changed
                              : said == "already"   ? kind::already
                              : said == "forbidden" ? kind::forbidden
                                                    : kind::not_possible};
    auto const from = state_at(found, 0, 1);
    if (!from) return from.error();
    auto const to = state_at(found, 0, 2);
    if (!to) return to.error();
    out.from = *from;
    out.to = *to;
    return out;
}

}  // namespace

std::string_view name_of(trust_state state) noexcept
{
    return states[static_cast<std::size_t>(state)];
}

std::string_view name_of(trust_event event) noexcept
{
    return events[static_cast<std::size_t>(event)];
}

std::string_view name_of(trust_actor actor) noexcept
{
    return actors[static_cast<std::size_t>(actor)];
}

std::optional<trust_state> trust_state_named(std::string_view name) noexcept
{
    for (auto const state : every_trust_state)
        if (name_of(state) == name) return state;
    return std::nullopt;
}

asio::awaitable<result<trust_outcome>> change_trust(database& database, probe_id probe, trust_event event,
                                                    std::string reason)
{
    auto const done = co_await database.connections().run(
        "select outcome, old_state, new_state from trust_by_registry($1::int, $2, $3)",
        parameters::of(probe.value(), name_of(event), reason));
    if (!done) co_return done.error();
    co_return outcome_from(*done);
}

asio::awaitable<result<trust_outcome>> change_trust(database& database, trust_wish wish)
{
    auto const done = co_await database.connections().run(
        "select outcome, old_state, new_state from trust_by_person($1::int, $2, $3, $4::int, $5)",
        parameters::of(wish.probe.value(), name_of(wish.event), name_of(wish.actor), wish.account.value(),
                       wish.reason));
    if (!done) co_return done.error();
    co_return outcome_from(*done);
}

asio::awaitable<result<trust_record>> trust_of(database& database, probe_id probe)
{
    auto const found = co_await database.connections().run(
        "select trust, trust_held, micros(trust_since) from probe where id = $1::int", parameters::of(probe.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    auto const state = state_at(*found, 0, 0);
    if (!state) co_return state.error();
    co_return trust_record{*state, found->flag(0, 1), found->time(0, 2)};
}

asio::awaitable<result<std::vector<trust_change>>> trust_history(database& database, probe_id probe, std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        "select micros(at), from_state, to_state, event, actor, reason from trust_change where probe_id = $1::int "
        "order by id desc limit $2::int",
        parameters::of(probe.value(), most));
    if (!found) co_return found.error();
    std::vector<trust_change> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const to = state_at(*found, row, 2);
        if (!to) co_return to.error();
        trust_change one{.at = found->time(row, 0), .to = *to};
        if (!found->null(row, 1)) one.from = trust_state_named(found->text(row, 1));
        one.event = found->text(row, 3);
        one.actor = found->text(row, 4);
        one.reason = found->text(row, 5);
        out.push_back(std::move(one));
    }
    co_return std::move(out);
}

}  // namespace tp::store
