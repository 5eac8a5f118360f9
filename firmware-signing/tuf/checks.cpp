#include "firmware-signing/tuf/checks.hpp"

#include "firmware-signing/tuf/refusal.hpp"
#include "firmware-signing/tuf/signed_file.hpp"

namespace tp::tuf {
namespace {

/// A file with enough signatures of the role's keys.
result<signed_file> read_signed(std::string_view octets, signers const& by)
{
    auto file = signed_file::read(octets);
    if (!file) return file.error();
    if (auto const enough = file->require(by); !enough) return enough.error();
    return file;
}

/// Whether these are the octets that signed metadata states, as far as it does.
error_code check_octets(std::string_view octets, file_facts const& stated)
{
    if (stated.length && octets.size() != *stated.length) return refusal::wrong_length;
    if (!stated.hashes) return {};
    octets_check against(octets.size(), *stated.hashes);
    if (auto const taken = against.take(octets); !taken) return taken.error();
    auto const right = against.finish();
    return right ? error_code() : right.error();
}

/// Whether the new snapshot goes on from the known one: nothing in it is older, nothing has gone.
error_code check_continues(snapshot const& fresh, snapshot const& known)
{
    if (fresh.version < known.version) return refusal::older_than_known;
    for (auto const& [name, facts] : known.files) {
        auto const found = fresh.files.find(name);
        if (found == fresh.files.end()) return refusal::vanished_role;
        if (found->second.version < facts.version) return refusal::older_role;
    }
    return {};
}

}  // namespace

result<root> check_first_root(std::string_view octets)
{
    auto const file = signed_file::read(octets);
    if (!file) return file.error();
    auto out = read_root(file->content());
    if (!out) return out;
    if (auto const enough = file->require(out->root_keys); !enough) return enough.error();
    return out;
}

result<root> check_next_root(std::string_view octets, root const& trusted)
{
    auto const file = signed_file::read(octets);
    if (!file) return file.error();
    if (!file->require(trusted.root_keys)) return refusal::not_signed_by_predecessor;
    auto out = read_root(file->content());
    if (!out) return out;
    if (auto const enough = file->require(out->root_keys); !enough) return enough.error();
    if (out->version != trusted.version + 1) return refusal::wrong_version;
    return out;
}

result<void> check_fresh(statement const& said, sys_seconds now)
{
    if (said.expires <= now) return refusal::expired;
    return {};
}

result<std::uint64_t> most_octets(file_facts const& stated, std::uint64_t limit)
{
    auto const most = stated.length.value_or(limit);
    if (most > limit) return refusal::too_large;
    return most;
}

result<timestamp> recall_timestamp(std::string_view octets, root const& by)
{
    auto const file = read_signed(octets, by.timestamp_keys);
    if (!file) return file.error();
    return read_timestamp(file->content());
}

result<snapshot> recall_snapshot(std::string_view octets, root const& by)
{
    auto const file = read_signed(octets, by.snapshot_keys);
    if (!file) return file.error();
    return read_snapshot(file->content());
}

result<std::optional<timestamp>> check_timestamp(std::string_view octets, root const& by, timestamp const* known,
                                                 sys_seconds now)
{
    auto const file = read_signed(octets, by.timestamp_keys);
    if (!file) return file.error();
    auto out = read_timestamp(file->content());
    if (!out) return out.error();
    if (known && out->version < known->version) return refusal::older_than_known;
    if (known && out->version == known->version) return std::optional<timestamp>();
    if (known && out->snapshot.version < known->snapshot.version) return refusal::older_snapshot;
    if (auto const fresh = check_fresh(*out, now); !fresh) return fresh.error();
    return std::optional(std::move(*out));
}

result<snapshot> check_snapshot(std::string_view octets, root const& by, file_facts const& stated,
                                snapshot const* known, sys_seconds now)
{
    if (auto const why = check_octets(octets, stated)) return why;
    auto const file = read_signed(octets, by.snapshot_keys);
    if (!file) return file.error();
    auto out = read_snapshot(file->content());
    if (!out) return out;
    if (out->version != stated.version) return refusal::wrong_version;
    if (known)
        if (auto const why = check_continues(*out, *known)) return why;
    if (auto const fresh = check_fresh(*out, now); !fresh) return fresh.error();
    return out;
}

result<targets> check_targets(std::string_view octets, signers const& by, file_facts const& stated, sys_seconds now)
{
    if (auto const why = check_octets(octets, stated)) return why;
    auto const file = read_signed(octets, by);
    if (!file) return file.error();
    auto out = read_targets(file->content());
    if (!out) return out;
    if (out->version != stated.version) return refusal::wrong_version;
    if (auto const fresh = check_fresh(*out, now); !fresh) return fresh.error();
    return out;
}

}  // namespace tp::tuf
