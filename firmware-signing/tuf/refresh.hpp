#pragma once

#include <optional>
#include <string>

#include "firmware-signing/tuf/checks.hpp"
#include "firmware-signing/tuf/limits.hpp"
#include "firmware-signing/tuf/steps.hpp"

namespace tp::tuf {

/// The metadata of the top level, all of it trusted and fresh at one moment.
struct trusted_metadata {
    tuf::root root;
    tuf::timestamp timestamp;
    tuf::snapshot snapshot;
    tuf::targets targets;
    sys_seconds now;
};

/// Brings the metadata of the top level up to date: sections 5.1 to 5.6.6 of the specification. Each root is kept as
/// soon as it is trusted, then timestamp, snapshot and targets are. Wherever it stops, the next one starts from what is
/// kept.
class refresh : public stepwise<refresh> {
public:
    /// @param now  when the update begins: what expires is held against this moment throughout.
    explicit refresh(sys_seconds now, limits const& with = {});

    /// @pre next() is `finished`.
    trusted_metadata const& found() const noexcept { return found_; }

private:
    friend class stepwise<refresh>;

    void take_stored_root(result<std::string> outcome);
    void ask_next_root();
    void take_next_root(result<std::string> outcome);
    void root_is_kept(result<std::string> outcome);
    void end_roots();

    void take_stored_timestamp(result<std::string> outcome);
    void take_stored_snapshot(result<std::string> outcome);
    void recover();
    void forget_second(result<std::string> outcome);
    void forgotten(result<std::string> outcome);

    void ask_timestamp();
    void take_timestamp(result<std::string> outcome);
    void timestamp_is_kept(result<std::string> outcome);

    void begin_snapshot();
    void take_snapshot(result<std::string> outcome);
    void snapshot_is_kept(result<std::string> outcome);

    void begin_targets();
    void take_stored_targets(result<std::string> outcome);
    void take_targets(result<std::string> outcome);
    void targets_are_kept(result<std::string> outcome);

    limits with_;
    trusted_metadata found_;
    std::size_t rotations_ = 0;
    root next_root_;
    std::optional<timestamp> known_timestamp_;
    std::optional<snapshot> known_snapshot_;
    std::string stored_snapshot_;  // octets of known_snapshot_
    bool timestamp_of_other_keys_ = false, snapshot_of_other_keys_ = false;
};

}  // namespace tp::tuf
