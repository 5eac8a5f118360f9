#include "tests/unit/tuf/repository.hpp"

#include "firmware-signing/tuf/json.hpp"

namespace tp::tuf::test {
namespace {

js texts(std::vector<std::string> const& from)
{
    js out = js::array();
    for (auto const& each : from) out.as_array().emplace_back(each);
    return out;
}

js statement_of(std::string const& type)
{
    js out;
    out["_type"] = type;
    out["spec_version"] = "1.0.34";
    out["version"] = 1;
    out["expires"] = far;
    return out;
}

js keys_of(std::vector<test_key> const& keys, js& list)
{
    js ids = js::array();
    for (auto const& each : keys) {
        list[each.id()] = each.listed();
        ids.as_array().emplace_back(each.id());
    }
    return ids;
}

}  // namespace

repository::repository(bool is_consistent) : consistent(is_consistent)
{
    for (std::string const role : {"root", "timestamp", "snapshot", "targets"}) says(role) = statement_of(role);
    says("root")["consistent_snapshot"] = consistent;
    for (std::string const role : {"root", "timestamp", "snapshot", "targets"}) set_keys(role, {test_key::ed25519()});
    says("targets")["targets"] = js::object();
    for (std::string const role : {"targets", "snapshot", "timestamp", "root"}) publish(role);
}

std::string repository::remote_name(std::string const& role, std::int64_t version) const
{
    bool const versioned = role == "root" || (consistent && role != "timestamp");
    return (versioned ? std::to_string(version) + '.' : std::string()) + role + ".json";
}

std::string repository::sealed(js const& content, std::vector<test_key> const& by) const
{
    js file;
    file["signed"] = content;
    file["signatures"] = js::array();
    for (auto const& each : by) {
        js one;
        one["keyid"] = each.id();
        one["sig"] = each.sign(canonical(content));
        file["signatures"].as_array().push_back(one);
    }
    return written(file);
}

std::string repository::sealed(std::string const& role, js const& content) const
{
    return sealed(content, signers_.at(role));
}

void repository::publish(std::string const& role)
{
    auto const octets = sealed(role, says(role));
    auto const version = says(role)["version"].number();
    files[remote_name(role, version)] = octets;
    if (role == "root" || role == "timestamp") return;
    js facts;
    facts["version"] = version;
    if (hashes) {
        facts["length"] = static_cast<std::int64_t>(octets.size());
        facts["hashes"]["sha256"] = sha256(octets);
    }
    says(role == "snapshot" ? "timestamp" : "snapshot")["meta"][role + ".json"] = facts;
}

void repository::publish_next(std::string const& role)
{
    says(role)["version"] = says(role)["version"].number() + 1;
    publish(role);
}

void repository::release(std::vector<std::string> const& roles)
{
    for (auto const& role : roles) publish_next(role);
    publish_next("snapshot");
    publish_next("timestamp");
}

void repository::set_keys(std::string const& role, std::vector<test_key> keys, int threshold)
{
    auto& root = says("root");
    root["roles"][role]["keyids"] = keys_of(keys, root["keys"]);
    root["roles"][role]["threshold"] = threshold;
    signers(role) = std::move(keys);
}

js& repository::delegate(std::string const& from, std::string const& role, std::vector<std::string> const& paths,
                         bool terminating)
{
    auto& delegations = says(from)["delegations"];
    if (!signers_.contains(role)) signers(role) = {test_key::ed25519()};
    js entry;
    entry["name"] = role;
    entry["paths"] = texts(paths);
    entry["terminating"] = terminating;
    entry["threshold"] = 1;
    entry["keyids"] = keys_of(signers(role), delegations["keys"]);
    delegations["roles"].as_array().push_back(entry);
    if (!says_.contains(role)) {
        says(role) = statement_of("targets");
        says(role)["targets"] = js::object();
        publish(role);
    }
    return says(from)["delegations"]["roles"].as_array().back();
}

void repository::add_target(std::string const& role, std::string const& path, std::string const& octets)
{
    js facts;
    facts["length"] = static_cast<std::int64_t>(octets.size());
    facts["hashes"]["sha256"] = sha256(octets);
    says(role)["targets"][path] = facts;
}

result<std::string> client_world::perform(step const& next)
{
    if (auto const* const wanted = std::get_if<load>(&next)) {
        if (on_load)
            if (auto const why = on_load(wanted->file)) return why;
        auto const file = kept.find(wanted->file);
        if (file == kept.end()) return errc::not_found;
        if (file->second.size() > wanted->most) return errc::too_large;
        return file->second;
    }
    if (auto const* const wanted = std::get_if<download>(&next)) {
        requests.push_back(wanted->file);
        if (auto const outage = outages.find(wanted->file); outage != outages.end()) return outage->second;
        auto const file = from_->files.find(wanted->file);
        if (file == from_->files.end()) return errc::not_found;
        return file->second;
    }
    auto const* const saved = std::get_if<save>(&next);
    auto const file = saved ? saved->file : std::get<forget>(next).file;
    auto const change = (saved ? "save " : "forget ") + file;
    if (on_change)
        if (auto const why = on_change(change)) return why;
    changes.push_back(change);
    if (saved)
        kept[file] = saved->octets;
    else
        kept.erase(file);
    stopped = stop_after == changes.size();
    return std::string();
}

error_code client_world::refresh_now(sys_seconds at, limits const& with)
{
    refresh machine(at, with);
    auto const why = run(machine);
    if (!why) found = machine.found();
    failed_file = why ? why->file : std::string();
    return why ? why->why : error_code();
}

error_code client_world::search_for(std::string const& path, sys_seconds at, limits const& with)
{
    if (auto const why = refresh_now(at, with)) return why;
    requests.clear();
    target_search machine(found, path, with);
    auto const why = run(machine);
    if (!why) target = machine.found();
    failed_file = why ? why->file : std::string();
    return why ? why->why : error_code();
}

std::int64_t client_world::kept_version(std::string const& file) const
{
    auto const found_file = kept.find(file);
    if (found_file == kept.end()) return 0;
    auto const document = json::document::read(found_file->second);
    return *document->root().member("signed")->member("version")->integer();
}

}  // namespace tp::tuf::test
