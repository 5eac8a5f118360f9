#include "firmware-signing/tuf/refresh.hpp"

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

std::string const root_file = "root.json", timestamp_file = "timestamp.json", snapshot_file = "snapshot.json",
                  targets_file = "targets.json";

/// Whether a file that is kept here could not be read. One that is not there, or is no file of this kind, is no
/// failure: it is fetched again. One that cannot be read may be all that stands between us and an older one.
bool unreadable(result<std::string> const& outcome)
{
    return !outcome && outcome.error() != errc::not_found && outcome.error() != errc::too_large;
}

}  // namespace

refresh::refresh(sys_seconds now, limits const& with) : with_(with)
{
    found_.now = now;
    ask(load{root_file, with_.root}, &refresh::take_stored_root);
}

void refresh::take_stored_root(result<std::string> outcome)
{
    if (unreadable(outcome)) return fail(root_file, outcome.error());
    if (!outcome) return fail(root_file, refusal::no_trusted_root);
    auto stored = check_first_root(*outcome);
    if (!stored) return fail(root_file, stored.error());
    found_.root = std::move(*stored);
    ask_next_root();
}

void refresh::ask_next_root()
{
    if (rotations_ == with_.rotations) return end_roots();
    ask(download{remote_file_of("root", found_.root.version + 1, true), with_.root}, &refresh::take_next_root);
}

void refresh::take_next_root(result<std::string> outcome)
{
    auto const file = remote_file_of("root", found_.root.version + 1, true);
    if (!outcome && outcome.error() == errc::not_found) return end_roots();
    if (!outcome) return fail(file, outcome.error());
    auto fresh = check_next_root(*outcome, found_.root);
    if (!fresh) return fail(file, fresh.error());
    next_root_ = std::move(*fresh);
    ask(save{root_file, std::move(*outcome)}, &refresh::root_is_kept);
}

void refresh::root_is_kept(result<std::string> outcome)
{
    if (!outcome) return fail(root_file, outcome.error());
    found_.root = std::move(next_root_);
    ++rotations_;
    ask_next_root();
}

void refresh::end_roots()
{
    if (auto const fresh = check_fresh(found_.root, found_.now); !fresh) return fail(root_file, fresh.error());
    ask(load{timestamp_file, with_.timestamp}, &refresh::take_stored_timestamp);
}

void refresh::take_stored_timestamp(result<std::string> outcome)
{
    if (unreadable(outcome)) return fail(timestamp_file, outcome.error());
    if (outcome) {
        auto stored = recall_timestamp(*outcome, found_.root);
        if (stored) known_timestamp_ = std::move(*stored);
        timestamp_of_other_keys_ = !stored && stored.error() == refusal::too_few_signatures;
    }
    ask(load{snapshot_file, with_.snapshot}, &refresh::take_stored_snapshot);
}

void refresh::take_stored_snapshot(result<std::string> outcome)
{
    if (unreadable(outcome)) return fail(snapshot_file, outcome.error());
    if (outcome) {
        auto stored = recall_snapshot(*outcome, found_.root);
        if (stored) known_snapshot_ = std::move(*stored);
        snapshot_of_other_keys_ = !stored && stored.error() == refusal::too_few_signatures;
        stored_snapshot_ = std::move(*outcome);
    }
    if (timestamp_of_other_keys_ || snapshot_of_other_keys_) return recover();
    ask_timestamp();
}

/// 5.3.11: keys were rotated since, perhaps because somebody had stolen them and signed versions far ahead. Both files
/// are forgotten; last the one that shows it, so that an update which stops in between finds this out again.
void refresh::recover()
{
    known_timestamp_.reset();
    known_snapshot_.reset();
    ask(forget{timestamp_of_other_keys_ ? snapshot_file : timestamp_file}, &refresh::forget_second);
}

void refresh::forget_second(result<std::string> outcome)
{
    if (!outcome) return fail(timestamp_of_other_keys_ ? snapshot_file : timestamp_file, outcome.error());
    ask(forget{timestamp_of_other_keys_ ? timestamp_file : snapshot_file}, &refresh::forgotten);
}

void refresh::forgotten(result<std::string> outcome)
{
    if (!outcome) return fail(timestamp_of_other_keys_ ? timestamp_file : snapshot_file, outcome.error());
    ask_timestamp();
}

void refresh::ask_timestamp()
{
    ask(download{timestamp_file, with_.timestamp}, &refresh::take_timestamp);
}

void refresh::take_timestamp(result<std::string> outcome)
{
    if (!outcome) return fail(timestamp_file, outcome.error());
    auto const* const known = known_timestamp_ ? &*known_timestamp_ : nullptr;
    auto fresh = check_timestamp(*outcome, found_.root, known, found_.now);
    if (!fresh) return fail(timestamp_file, fresh.error());
    if (*fresh) {
        found_.timestamp = std::move(**fresh);
        return ask(save{timestamp_file, std::move(*outcome)}, &refresh::timestamp_is_kept);
    }
    found_.timestamp = *known_timestamp_;  // no newer one: the one that is here stays, unless its time is over
    if (auto const kept = check_fresh(found_.timestamp, found_.now); !kept) return fail(timestamp_file, kept.error());
    begin_snapshot();
}

void refresh::timestamp_is_kept(result<std::string> outcome)
{
    if (!outcome) return fail(timestamp_file, outcome.error());
    begin_snapshot();
}

/// The stored snapshot serves if it is the one that the timestamp names.
void refresh::begin_snapshot()
{
    auto const& stated = found_.timestamp.snapshot;
    if (known_snapshot_ && check_snapshot(stored_snapshot_, found_.root, stated, nullptr, found_.now)) {
        found_.snapshot = *known_snapshot_;
        return begin_targets();
    }
    auto const file = remote_file_of("snapshot", stated.version, found_.root.consistent_snapshot);
    auto const most = most_octets(stated, with_.snapshot);
    if (!most) return fail(file, most.error());
    ask(download{file, *most}, &refresh::take_snapshot);
}

void refresh::take_snapshot(result<std::string> outcome)
{
    auto const& stated = found_.timestamp.snapshot;
    auto const file = remote_file_of("snapshot", stated.version, found_.root.consistent_snapshot);
    if (!outcome) return fail(file, outcome.error());
    auto const* const known = known_snapshot_ ? &*known_snapshot_ : nullptr;
    auto fresh = check_snapshot(*outcome, found_.root, stated, known, found_.now);
    if (!fresh) return fail(file, fresh.error());
    found_.snapshot = std::move(*fresh);
    ask(save{snapshot_file, std::move(*outcome)}, &refresh::snapshot_is_kept);
}

void refresh::snapshot_is_kept(result<std::string> outcome)
{
    if (!outcome) return fail(snapshot_file, outcome.error());
    begin_targets();
}

void refresh::begin_targets()
{
    ask(load{targets_file, with_.targets}, &refresh::take_stored_targets);
}

void refresh::take_stored_targets(result<std::string> outcome)
{
    auto const& stated = found_.snapshot.files.find(targets_file)->second;  // read_snapshot() saw to it
    if (outcome) {
        auto stored = check_targets(*outcome, found_.root.targets_keys, stated, found_.now);
        if (stored) {
            found_.targets = std::move(*stored);
            return finish();
        }
    }
    auto const file = remote_file_of("targets", stated.version, found_.root.consistent_snapshot);
    auto const most = most_octets(stated, with_.targets);
    if (!most) return fail(file, most.error());
    ask(download{file, *most}, &refresh::take_targets);
}

void refresh::take_targets(result<std::string> outcome)
{
    auto const& stated = found_.snapshot.files.find(targets_file)->second;
    auto const file = remote_file_of("targets", stated.version, found_.root.consistent_snapshot);
    if (!outcome) return fail(file, outcome.error());
    auto fresh = check_targets(*outcome, found_.root.targets_keys, stated, found_.now);
    if (!fresh) return fail(file, fresh.error());
    found_.targets = std::move(*fresh);
    ask(save{targets_file, std::move(*outcome)}, &refresh::targets_are_kept);
}

void refresh::targets_are_kept(result<std::string> outcome)
{
    if (!outcome) return fail(targets_file, outcome.error());
    finish();
}

}  // namespace tp::tuf
