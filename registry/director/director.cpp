#include "registry/director/director.hpp"

#include <algorithm>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "registry/rollout/selection.hpp"
#include "store/fleet.hpp"

namespace tp::registry {
namespace {

using rollout::phase;

rollout::target const* target_of(rollout::definition const& what, std::string const& model)
{
    for (auto const& each : what.targets) {
        if (each.model == model) return &each;
    }
    return nullptr;
}

bool runs(phase now) noexcept
{
    return now == phase::running || now == phase::soaking || now == phase::paused;
}

bool share_a_model(store::rollout_record const& a, store::rollout_record const& b)
{
    return std::any_of(a.targets.begin(), a.targets.end(), [&](auto const& one) {
        return std::any_of(b.targets.begin(), b.targets.end(),
                           [&](auto const& other) { return !one.model.empty() && one.model == other.model; });
    });
}

/// Since a clock was set back, what has to wait does not: it would wait until the clock is where it was.
bool has_passed(std::chrono::seconds length, wall_time since, wall_time now) noexcept
{
    return now < since || now - since >= length;
}

/// Among those that serve their models.
std::map<std::string, store::rollout_id> newest_among(std::vector<store::rollout_record> const& open)
{
    std::map<std::string, store::rollout_id> out;
    for (auto const& each : open) {
        auto const at = progress_from(each.at);
        if (!at || (!runs(at->now) && at->now != phase::complete)) continue;
        for (auto const& target : each.targets) {
            auto& newest = out.try_emplace(target.model, each.id).first->second;
            newest = std::max(newest, each.id);
        }
    }
    return out;
}

bool all_found(store::rollout_record const& record)
{
    return std::none_of(record.targets.begin(), record.targets.end(),
                        [](auto const& each) { return each.model.empty(); });
}

}  // namespace

director::director(store::database& database, director_settings const& chosen, scribe writes, std::string root,
                   tuf::transport& from, std::uint64_t seed)
    : database_(database),
      writes_(std::move(writes)),
      repository_(std::move(root), from),
      signed_(database, repository_),
      compare_every_(chosen.compare),
      name_("director " + std::to_string(seed))
{
}

boost::asio::awaitable<void> director::run()
{
    bool well = true;
    for (;;) {  // left by cancellation only
        auto const outcome = co_await look(wall_now());
        if (!outcome && well) log::warning("registry", "rollouts stand still: " + outcome.error().message());
        well = outcome.has_value();
        co_await pause_for(pause);
    }
}

boost::asio::awaitable<result<void>> director::look(wall_time now)
{
    auto const leads = co_await store::take_lead(database_, "director", name_, lead);
    if (!leads) co_return leads.error();
    if (*leads == store::leadership::theirs) {
        follows_last_ = false;
        co_return result<void>{};
    }
    co_await signed_.look(now);
    auto const follows = co_await follow_last();
    if (!follows) co_return follows.error();
    auto open = co_await store::open_rollouts(database_);
    if (!open) co_return open.error();
    std::erase_if(known_, [&](auto const& each) {
        return std::none_of(open->begin(), open->end(), [&](auto const& one) { return one.id == each.first; });
    });
    co_return co_await look_at(std::move(*open), now);
}

/// Each for itself: what one of them fails with does not stop the others.
boost::asio::awaitable<result<void>> director::look_at(std::vector<store::rollout_record> open, wall_time now)
{
    result<void> out;
    auto const newest = newest_among(open);
    for (auto& each : open) {
        if (!is_due(each, now)) continue;
        auto const id = each.id;
        auto const done = co_await carry_on(std::move(each), newest, now);
        if (done) continue;
        known_.erase(id);
        // Somebody else moved it, or told its probes something: the next look shows how it is now.
        follows_last_ = false;
        if (done.error() != errc::conflict && out) out = done.error();
    }
    co_return out;
}

/// Whoever signed before us, by whatever clock: what we sign is later.
boost::asio::awaitable<result<void>> director::follow_last()
{
    if (follows_last_) co_return result<void>{};
    auto const last = co_await store::last_issued(database_);
    if (!last) co_return last.error();
    writes_.follow(*last);
    follows_last_ = true;
    co_return result<void>{};
}

/// It is looked at anew when its time has come, and when a person said something.
bool director::is_due(store::rollout_record const& record, wall_time now)
{
    auto const [at, fresh] = known_.try_emplace(record.id);
    auto& known = at->second;
    bool const heard = known.wish != record.wish || known.approvals != record.approved_by.size();
    bool const waits = now < known.next_look && known.next_look - now <= idle_pause;  // else the clock was set back
    if (!fresh && !heard && waits) return false;
    known.wish = record.wish;
    known.approvals = record.approved_by.size();
    bool const busy = record.at.phase == "running" || record.at.phase == "soaking" || record.at.phase == "paused";
    bool const hurry = record.wanted.mode == "forced" || record.at.phase == "draft" || record.at.phase == "waiting";
    known.next_look = now + (hurry && record.at.phase != "halted" && record.at.phase != "complete" ? pause
                             : busy                                                                ? lazy_pause
                                                                                                   : idle_pause);
    return true;
}

boost::asio::awaitable<result<void>> director::carry_on(store::rollout_record record, newest_by_model const& newest,
                                                        wall_time now)
{
    if (record.at.phase == "draft" && record.wish != "halt") co_return co_await look_up(std::move(record), now);
    auto what = definition_from(record);
    auto const at = progress_from(record.at);
    if (!what || !at) {
        log::warning("registry", "rollout " + record.id.text() + " cannot be read");
        co_return result<void>{};
    }
    // A complete one goes on for those models whose place no newer one has taken.
    if (at->now == phase::complete)
        std::erase_if(what->targets, [&](auto const& each) { return newest.at(each.model) > record.id; });
    subject one{std::move(record), std::move(*what), *at, {}};
    co_return co_await proceed(one, known_[one.record.id], now);
}

/// A draft: are its targets in the signed repository?
boost::asio::awaitable<result<void>> director::look_up(store::rollout_record record, wall_time now)
{
    std::string wrong;
    auto const described = co_await describe(record, wrong, now);
    if (!described) co_return described.error();
    if (wrong.empty() && !definition_from(record)) wrong = "it cannot be carried out: are two targets for one model?";
    auto after = record.at;
    after.because = wrong;
    if (wrong.empty()) {
        after.phase = "waiting";
        after.since = now;
        log::info("registry", "rollout " + record.id.text() + " waits for approval");
    }
    if (after == record.at) co_return result<void>{};
    auto const before = progress_from(record.at), next = progress_from(after);
    auto said = before && next ? words_for(*before, *next, {}) : std::string();
    co_return co_await store::move_rollout(database_, record.id, record.at, after, std::move(said));
}

boost::asio::awaitable<result<void>> director::describe(store::rollout_record& record, std::string& wrong,
                                                        wall_time now)
{
    if (!refreshed_ || refresh_failed_ || has_passed(refresh_every, *refreshed_, now)) {
        auto const fresh = co_await repository_.refresh(now);
        refresh_failed_ = fresh ? error_code{} : fresh.error();
        refreshed_ = now;
    }
    if (refresh_failed_) {
        wrong = "the signed repository cannot be verified: " + refresh_failed_.message();
        co_return result<void>{};
    }
    for (auto& each : record.targets) {
        auto found = co_await repository_.find(each.path);
        if (!found) {
            wrong = each.path + ": " + found.error().message();
            refreshed_.reset();  // it may be published at any moment
            co_return result<void>{};
        }
        each = {each.path, found->model, found->length, found->sha256, found->release};
        auto copy = each;
        auto const kept = co_await store::describe_target(database_, record.id, std::move(copy));
        if (!kept) co_return kept.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> director::proceed(subject& of, memory& known, wall_time now)
{
    bool const begins = of.at.now == phase::waiting && of.record.wish == "go" &&
                        of.record.approved_by.size() >= rollout::approvals_for(of.what);
    bool const last = of.at.wave + 1 >= of.what.reach.size();
    if (begins) {
        auto const replaced = co_await take_place_of_others(of.record, now);
        if (!replaced) co_return replaced.error();
    }
    bool const stays_open = last && of.record.wish != "halt" && (runs(of.at.now) || of.at.now == phase::complete);
    if (begins || stays_open) {
        auto const listed = co_await enlist(of);
        if (!listed) co_return listed.error();
    }
    auto const read = co_await read_members(of, now);
    if (!read) co_return read.error();
    if (runs(of.at.now) && of.record.wish != "halt") co_await compare(of, known, now);
    rollout::situation const situation{of.what,
                                       of.at,
                                       wish_from(of.record.wish),
                                       of.record.wished_because,
                                       all_found(of.record),
                                       static_cast<unsigned>(of.record.approved_by.size()),
                                       of.members,
                                       known.drifting};
    auto made = rollout::decide(situation, now);
    if (!runs(made.next.now)) known.seen.reset();
    if (made.next.now != of.at.now) known.next_look = now;  // what follows may be decided at once
    co_return co_await carry_out(of, std::move(made), now);
}

/// Who takes part: all at the beginning, by chance in waves; later in the last wave.
boost::asio::awaitable<result<void>> director::enlist(subject const& of)
{
    for (auto const& each : of.what.targets) {
        auto const done = co_await enlist(of, each, of.at.now == phase::waiting);
        if (!done) co_return done.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> director::enlist(subject const& of, rollout::target const& wanted, bool begins)
{
    auto const found =
        co_await store::candidates_for(database_, of.record.id, wanted.model, wanted.release, of.what.lab_tag);
    if (!found) co_return found.error();
    if (found->empty()) co_return result<void>{};
    std::vector<rollout::candidate> all;
    for (auto const& each : *found) all.push_back({each.probe, wanted.model, each.country, each.asn, each.lab});
    auto const last = static_cast<std::uint32_t>(of.what.reach.size() - 1);
    auto const waves =
        begins ? rollout::choose_waves(all, of.what.reach, of.what.seed) : std::vector<std::uint32_t>(all.size(), last);
    std::vector<store::new_member> members;
    for (std::size_t i = 0; i < all.size(); ++i) members.push_back({all[i].probe, wanted.model, waves[i]});
    co_return co_await store::add_members(database_, of.record.id, std::move(members));
}

boost::asio::awaitable<result<void>> director::read_members(subject& into, wall_time now)
{
    auto const found = co_await store::members_of(database_, into.record.id);
    if (!found) co_return found.error();
    std::vector<store::member_change> changes;
    for (auto const& row : *found) {
        auto const before = member_from(row);
        if (!before) co_return before.error();
        auto const* const wanted = target_of(into.what, before->model);
        into.members.push_back(wanted == nullptr ? *before : rollout::looked_at(*before, *wanted, into.what, now));
        auto const& after = into.members.back();
        if (after.is != before->is) changes.push_back(change_of(after));
    }
    if (changes.empty()) co_return result<void>{};
    auto at = into.record.at;
    co_return co_await store::note_members(database_, into.record.id, std::move(at), std::move(changes), {});
}

/// Never fails: failures and silence halt a rollout all the same.
boost::asio::awaitable<void> director::compare(subject const& of, memory& known, wall_time now)
{
    if (!has_passed(compare_every_, known.compared, now)) co_return;
    known.compared = now;
    if (!known.seen) known.seen.emplace(database_, compare_every_);
    auto const read = co_await known.seen->read(now, of.record.created);
    if (!read && compares_) log::warning("registry", "rollouts are not compared: " + read.error().message());
    compares_ = read.has_value();
    if (!read) co_return;
    auto const measured = known.seen->compare(of.members, of.record.created);
    known.drifting = rollout::drift(measured, of.what.halt_at);
}

boost::asio::awaitable<result<void>> director::carry_out(subject& of, rollout::decision made, wall_time now)
{
    if (made.next != of.at) {
        auto said = words_for(of.at, made.next, of.what.reach);
        if (!said.empty()) log::info("registry", "rollout " + of.record.id.text() + ": " + said);
        auto const moved =
            co_await store::move_rollout(database_, of.record.id, of.record.at, record_of(made.next), std::move(said));
        if (!moved) co_return moved.error();
    }
    of.record.at = record_of(made.next);
    auto const withdrawn = co_await tell(of, std::move(made.withdraw), true, now);
    if (!withdrawn) co_return withdrawn.error();
    co_return co_await tell(of, std::move(made.instruct), false, now);
}

/// Signs, keeps and announces, batch by batch: the first are on their way while the last are being signed.
boost::asio::awaitable<result<void>> director::tell(subject& of, std::vector<std::size_t> members, bool halt,
                                                    wall_time now)
{
    std::vector<store::member_change> changes;
    std::vector<store::kept_instruction> instructions;
    for (std::size_t i = 0; i < members.size(); ++i) {
        auto& one = of.members[members[i]];
        auto const* const wanted = target_of(of.what, one.model);
        if (wanted != nullptr || halt) {
            auto written = halt ? writes_.withdraw(one, of.record.id, now)
                                : writes_.instruct(one, *wanted, of.what, of.record.id, now);
            if (!written) co_return written.error();
            instructions.push_back(std::move(*written));
            changes.push_back(change_of(one));
        }
        if (instructions.size() < batch && i + 1 < members.size()) continue;
        auto at = of.record.at;
        auto const kept = co_await store::note_members(database_, of.record.id, std::move(at),
                                                       std::exchange(changes, {}), std::exchange(instructions, {}));
        if (!kept) co_return kept.error();
    }
    co_return result<void>{};
}

/// The rollout that begins last is what its models are to run, whatever its number: others that are still at it end.
boost::asio::awaitable<result<void>> director::take_place_of_others(store::rollout_record const& one, wall_time now)
{
    auto open = co_await store::open_rollouts(database_);
    if (!open) co_return open.error();
    for (auto& each : *open) {
        auto const at = progress_from(each.at);
        if (each.id == one.id || !at || !runs(at->now) || !share_a_model(each, one)) continue;
        auto const done = co_await replace(std::move(each), one.id, now);
        if (!done) co_return done.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> director::replace(store::rollout_record other, store::rollout_id by, wall_time now)
{
    auto what = definition_from(other);
    auto const at = progress_from(other.at);
    if (!what || !at) co_return errc::malformed;
    subject one{std::move(other), std::move(*what), *at, {}};
    auto const read = co_await read_members(one, now);
    if (!read) co_return read.error();
    rollout::situation const halting{one.what, one.at, rollout::wish::halt, "rollout " + by.text() + " takes its place",
                                     true,     0,      one.members,         {}};
    auto made = rollout::decide(halting, now);
    co_return co_await carry_out(one, std::move(made), now);
}

}  // namespace tp::registry
