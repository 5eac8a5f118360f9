#include "firmware-signing/repository/online.hpp"

#include <algorithm>

#include "firmware-signing/tuf/checks.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "firmware-signing/tuf/names.hpp"

namespace tp::repository {
namespace {

using complaint = std::optional<std::string>;
using listed_files = std::map<std::string, tuf::file_facts, std::less<>>;
using role_of_root = tuf::signers tuf::root::*;

tuf::file_facts facts_of(std::uint64_t version, std::string_view octets)
{
    tuf::digests hashes;
    hashes.sha256 = tuf::sha256_hex(octets);
    return {version, octets.size(), std::move(hashes)};
}

bool same(tuf::file_facts const& one, tuf::file_facts const& other)
{
    return one.version == other.version && one.length == other.length && one.hashes == other.hashes;
}

bool same(listed_files const& one, listed_files const& other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](auto const& a, auto const& b) { return a.first == b.first && same(a.second, b.second); });
}

class maker {
public:
    maker(metadata_files const& files, tuf::root const& root, tuf::root const* before, sys_seconds now)
        : files_(files), root_(root), before_(before), now_(now)
    {
    }

    online_files make(std::vector<std::string> const& roles, online_keys const& keys);

private:
    void make_snapshot(std::vector<std::string> const& roles, online_keys const& keys);
    void make_timestamp(online_keys const& keys);
    listed_files listed(tuf::snapshot const* known, std::vector<std::string> const& roles) const;
    std::string sealed(std::string const& octets, std::vector<signing::held_key> const& keys, role_of_root role);
    bool fresh(tuf::statement const& says, std::chrono::seconds life) const { return says.expires - now_ > life / 2; }

    metadata_files const& files_;
    tuf::root const& root_;
    tuf::root const* before_;
    sys_seconds now_;
    tuf::file_facts newest_snapshot_;
    bool snapshot_is_good_ = false;
    online_files out_;
};

/// The file with a signature of each key that the root, or the one before it, has in this role.
std::string maker::sealed(std::string const& octets, std::vector<signing::held_key> const& keys, role_of_root role)
{
    std::vector<signing::signature> signatures;
    for (auto const& each : keys) {
        auto const id = listed_id(each.shared);
        bool const asked = (root_.*role).keys.contains(id) || (before_ && (before_->*role).keys.contains(id));
        auto made = asked ? each.sign(octets) : result<std::string>(std::string());
        if (!made) out_.complaint = "cannot sign: " + made.error().message();
        if (made && asked) signatures.push_back({id, std::move(*made)});
    }
    std::sort(signatures.begin(), signatures.end(), [](auto const& a, auto const& b) { return a.key_id < b.key_id; });
    return seal_metadata(octets, signatures);
}

/// A role that was listed stays listed for ever, as clients demand.
listed_files maker::listed(tuf::snapshot const* known, std::vector<std::string> const& roles) const
{
    listed_files out;
    if (known) out = known->files;
    auto const add = [&](std::string const& role) {
        if (auto const file = newest_of(role, files_)) out[tuf::file_of(role)] = facts_of(file->version, file->octets);
    };
    add("targets");
    for (auto const& each : roles) add(each);
    return out;
}

void maker::make_snapshot(std::vector<std::string> const& roles, online_keys const& keys)
{
    auto const newest = newest_of("snapshot", files_);
    auto const trusted = newest ? tuf::recall_snapshot(newest->octets, root_) : errc::not_found;
    auto const before = newest && before_ ? tuf::recall_snapshot(newest->octets, *before_) : errc::not_found;
    auto const* known = trusted ? &*trusted : before ? &*before : nullptr;
    auto const files = listed(known, roles);
    bool const right = trusted && same(trusted->files, files) && fresh(*trusted, keys.snapshot_life);
    bool const waits = !right && keys.snapshot.empty();
    if (waits) out_.told.push_back("a new snapshot waits for its key");
    if (right || waits) {
        if (trusted) newest_snapshot_ = facts_of(newest->version, newest->octets);
        snapshot_is_good_ = trusted.has_value();  // while a newer one waits, this one stays in force
        return;
    }
    auto const version = newest ? newest->version + 1 : 1;
    auto octets =
        sealed(write_snapshot({version, now_ + keys.snapshot_life}, files), keys.snapshot, &tuf::root::snapshot_keys);
    newest_snapshot_ = facts_of(version, octets);
    auto const good = tuf::check_snapshot(octets, root_, newest_snapshot_, known, now_);
    auto const name = tuf::remote_file_of("snapshot", version, true);
    if (!good && !out_.complaint) out_.complaint = name + ": " + good.error().message();
    snapshot_is_good_ = true;
    out_.snapshot = {name, std::move(octets)};
}

void maker::make_timestamp(online_keys const& keys)
{
    auto const there = files_.find("timestamp.json");
    bool const any = there != files_.end();
    auto const trusted = any ? tuf::recall_timestamp(there->second, root_) : errc::not_found;
    auto const before = any && before_ ? tuf::recall_timestamp(there->second, *before_) : errc::not_found;
    bool const right = trusted && same(trusted->snapshot, newest_snapshot_);
    if (right && fresh(*trusted, keys.timestamp_life)) return;
    if (keys.timestamp.empty()) return out_.told.push_back("a new timestamp waits for its key");
    auto const* known = trusted ? &*trusted : before ? &*before : nullptr;
    auto const version = known ? known->version + 1 : 1;
    auto octets = sealed(write_timestamp({version, now_ + keys.timestamp_life}, newest_snapshot_), keys.timestamp,
                         &tuf::root::timestamp_keys);
    auto const good = tuf::check_timestamp(octets, root_, known, now_);
    if (!good && !out_.complaint) out_.complaint = "timestamp.json: " + good.error().message();
    out_.timestamp = {"timestamp.json", std::move(octets)};
}

online_files maker::make(std::vector<std::string> const& roles, online_keys const& keys)
{
    make_snapshot(roles, keys);
    if (snapshot_is_good_ && !out_.complaint) make_timestamp(keys);
    return std::move(out_);
}

}  // namespace

online_files make_online_files(metadata_files const& files, std::vector<std::string> const& roles,
                               tuf::root const& root, tuf::root const* before, online_keys const& keys, sys_seconds now)
{
    return maker(files, root, before, now).make(roles, keys);
}

}  // namespace tp::repository
