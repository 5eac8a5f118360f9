#include "firmware-signing/repository/published.hpp"

#include <charconv>

#include "firmware-signing/tuf/checks.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::repository {
namespace {

/// The version of "VERSION.ROLE.json"; 0 for any other name.
std::uint64_t version_in(std::string_view name, std::string_view role)
{
    std::uint64_t version = 0;
    auto const end = std::from_chars(name.data(), name.data() + name.size(), version).ptr;
    bool const ours = version <= highest_number && name == tuf::remote_file_of(role, version, true);
    return ours && end != name.data() ? version : 0;
}

std::string told(std::string const& file, error_code why)
{
    return file + ": " + why.message();
}

/// A file that must be there.
result<std::string_view> need(metadata_files const& files, std::string const& name)
{
    auto const found = files.find(name);
    if (found == files.end()) return errc::not_found;
    return std::string_view(found->second);
}

/// Checks a role against what the snapshot says of it.
result<tuf::targets> judge_role(metadata_files const& files, std::string_view role, tuf::signers const& by,
                                tuf::snapshot const& listed, sys_seconds now)
{
    auto const facts = listed.files.find(std::string(role) + ".json");
    if (facts == listed.files.end()) return tuf::refusal::unlisted_role;
    auto const octets = need(files, tuf::remote_file_of(role, facts->second.version, true));
    if (!octets) return octets.error();
    return tuf::check_targets(*octets, by, facts->second, now);
}

std::optional<std::string> judge_top(metadata_files const& files, sys_seconds now, published& to)
{
    auto const timestamp_octets = need(files, "timestamp.json");
    auto const timestamp =
        timestamp_octets ? tuf::check_timestamp(*timestamp_octets, to.root, nullptr, now) : timestamp_octets.error();
    if (!timestamp) return told("timestamp.json", timestamp.error());
    to.timestamp = timestamp->value();  // only a version that is known already gives none
    auto const name = tuf::remote_file_of("snapshot", to.timestamp.snapshot.version, true);
    auto const octets = need(files, name);
    auto snapshot =
        octets ? tuf::check_snapshot(*octets, to.root, to.timestamp.snapshot, nullptr, now) : octets.error();
    if (!snapshot) return told(name, snapshot.error());
    to.snapshot = std::move(*snapshot);
    auto targets = judge_role(files, "targets", to.root.targets_keys, to.snapshot, now);
    if (!targets) return told("targets", targets.error());
    to.targets = std::move(*targets);
    return std::nullopt;
}

std::optional<std::string> judge_delegated(metadata_files const& files, sys_seconds now, published& to)
{
    for (auto const& each : to.targets.delegations) {
        if (!to.snapshot.files.contains(each.name + ".json")) continue;  // nothing was ever released there
        auto role = judge_role(files, each.name, each.keys, to.snapshot, sys_seconds());
        if (!role) return told(each.name, role.error());
        if (!tuf::check_fresh(*role, now)) to.expired.push_back(each.name);
        to.roles.emplace(each.name, std::move(*role));
    }
    return std::nullopt;
}

}  // namespace

std::optional<versioned_file> newest_of(std::string_view role, metadata_files const& files)
{
    versioned_file out;
    for (auto const& [name, octets] : files) {
        auto const version = version_in(name, role);
        if (version > out.version) out = {version, octets};
    }
    if (out.version == 0) return std::nullopt;
    return out;
}

std::optional<content> newest_content(std::string_view role, metadata_files const& files)
{
    auto const file = newest_of(role, files);
    auto const read = file ? draft::read(file->octets) : result<draft>(errc::not_found);
    if (!read || role_of(read->says()) != role) return std::nullopt;
    return read->says();
}

root_chain follow_roots(metadata_files const& files)
{
    root_chain out;
    for (std::uint64_t version = 1;; ++version) {
        auto const found = files.find(tuf::remote_file_of("root", version, true));
        if (found == files.end()) break;
        auto next = out.last ? tuf::check_next_root(found->second, *out.last) : tuf::check_first_root(found->second);
        bool const right = next && next->version == version;
        if (!right) {
            out.complaint = told(found->first, next ? make_error_code(tuf::refusal::wrong_version) : next.error());
            return out;
        }
        out.last = std::move(*next);
        out.octets = found->second;
    }
    return out;
}

published judge(metadata_files const& files, sys_seconds now)
{
    published out;
    auto chain = follow_roots(files);
    if (!chain.last && !chain.complaint) chain.complaint = "there is no 1.root.json";
    if (chain.complaint) {
        out.complaint = std::move(chain.complaint);
        return out;
    }
    out.root = std::move(*chain.last);
    if (auto const fresh = tuf::check_fresh(out.root, now); !fresh)
        out.complaint = told(tuf::remote_file_of("root", out.root.version, true), fresh.error());
    if (!out.complaint) out.complaint = judge_top(files, now, out);
    if (!out.complaint) out.complaint = judge_delegated(files, now, out);
    return out;
}

std::map<std::string, tuf::target_file> all_targets(published const& by)
{
    std::map<std::string, tuf::target_file> out(by.targets.files.begin(), by.targets.files.end());
    for (auto const& [name, role] : by.roles) out.insert(role.files.begin(), role.files.end());
    return out;
}

}  // namespace tp::repository
