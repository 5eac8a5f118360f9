#include "tests/unit/repository/officers.hpp"

#include <gtest/gtest.h>

#include <map>

#include "firmware-signing/tuf/digest.hpp"

namespace tp::repository {
namespace {

template <class Content>
std::optional<Content> newest(std::string const& role, metadata_files const& files)
{
    auto const known = newest_content(role, files);
    if (!known) return std::nullopt;
    return std::get<Content>(*known);
}

draft made(prepared from)
{
    if (from.complaint) throw std::runtime_error(*from.complaint);
    return std::move(*from.made);
}

}  // namespace

signing::held_key const& key_of(std::string const& name)
{
    static std::map<std::string, signing::held_key> keys;
    auto const found = keys.find(name);
    if (found != keys.end()) return found->second;
    return keys.emplace(name, signing::private_key::held(signing::private_key::make().value())).first->second;
}

void add_holder(plan& to, std::string const& name)
{
    to.holders.emplace(name, key_of(name).shared);
}

plan usual_plan()
{
    plan out;
    for (auto const* name : {"ann", "bob", "eve", "dan", "joe", "snapshot", "timestamp"}) add_holder(out, name);
    out.root = {{"ann", "bob", "dan", "eve", "joe"}, 3};
    out.targets = {{"ann", "bob", "eve"}, 2};
    out.snapshot = {{"snapshot"}, 1};
    out.timestamp = {{"timestamp"}, 1};
    out.channels = {{"deb-amd64", "stable", {{"ann", "bob", "eve"}, 2}}};
    return out;
}

draft signed_by(draft of, std::initializer_list<std::string> names)
{
    for (auto const& name : names) {
        auto const& key = key_of(name);
        EXPECT_TRUE(of.add({listed_id(key.shared), key.sign(of.signed_octets()).value()}));
    }
    return of;
}

release some_release(std::uint64_t number, std::uint64_t floor, std::uint64_t from)
{
    auto const name = "probe-" + std::to_string(number) + ".deb";
    return {number,
            floor,
            from,
            {},
            {name, 100 + number, tuf::sha256_hex(name)},
            {name + ".cdx.json", 10, tuf::sha256_hex(name + " SBOM")}};
}

control_file some_control(control::content which, std::uint64_t length)
{
    return {which, length, tuf::sha256_hex(control::path_of(which) + std::to_string(length))};
}

shelf::shelf()
{
    auto const root = signed_by(next_root(wish), {"ann", "bob", "eve"});
    auto const targets = signed_by(next_targets(wish), {"ann", "bob"});
    auto const first = signed_by(next_release(some_release(1)), {"bob", "eve"});
    EXPECT_EQ(publish({root, targets, first}), "");
}

draft shelf::next_root(plan const& with) const
{
    auto const before = newest<root_content>("root", files);
    return made(prepare_root(with, before ? &*before : nullptr, now));
}

draft shelf::next_targets(plan const& with) const
{
    auto const before = newest<targets_content>("targets", files);
    return made(prepare_targets(with, before ? &*before : nullptr, now));
}

draft shelf::next_release(release const& fresh) const
{
    return next_releases({"deb-amd64", "stable", fresh, {}});
}

draft shelf::next_releases(release_wish with) const
{
    auto const before = newest<release_content>("deb-amd64.stable", files);
    return made(prepare_releases(with, before ? &*before : nullptr, now));
}

online_keys shelf::usual_keys()
{
    return {{key_of("snapshot")}, {key_of("timestamp")}};
}

draft shelf::next_control(control_wish const& with) const
{
    auto const before = newest<control_content>("control", files);
    return made(prepare_control(with, before ? &*before : nullptr, now));
}

publication shelf::plan_for(std::vector<draft> drafts, online_keys keys) const
{
    return plan_publication({files, std::move(drafts), std::move(keys), now});
}

std::string shelf::publish(std::vector<draft> drafts, online_keys keys)
{
    auto const next = plan_for(std::move(drafts), std::move(keys));
    if (next.complaint) return *next.complaint;
    told = next.told;
    bool was_whole = !judge(files, now).complaint;
    for (auto const& each : next.writes) {
        files[each.name] = each.octets;
        auto const complaint = judge(files, now).complaint;
        if (was_whole && told.empty()) {
            EXPECT_EQ(complaint.value_or(""), "") << "after " << each.name;
        }
        was_whole = !complaint;
    }
    return "";
}

}  // namespace tp::repository
