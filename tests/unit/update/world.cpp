#include "tests/unit/update/world.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "firmware-signing/lines.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/sha256.hpp"

namespace tp::update::test {
namespace {

using namespace std::chrono_literals;
using tuf::test::js;

std::string path_of(std::uint64_t release, std::string const& of_model)
{
    return of_model + "/stable/probe-" + std::to_string(release);
}

/// "dir/HASH.name"
std::string remote_name(std::string const& path, std::string const& octets)
{
    auto const slash = path.rfind('/') + 1;
    return path.substr(0, slash) + tuf::test::sha256(octets) + '.' + path.substr(slash);
}

}  // namespace

std::string program_of(std::uint64_t release)
{
    return std::string(40'000, 'x') + "release " + std::to_string(release);
}

platform::platform()
{
    repository.delegate("targets", "control", {"control/*"}, true);
    repository.delegate("targets", "m.stable", {"m/stable/*"}, true);
    repository.delegate("targets", "x.stable", {"x/stable/*"}, true);
    repository.publish_next("targets");
    set_control("director", director_keys({&director}));
    add_release(16);
    add_release(17);
    add_release(18, {.of_model = "x"});
    publish();
}

void platform::add_release(std::uint64_t release, release_facts const& facts, std::string const& octets)
{
    auto const path = path_of(release, facts.of_model);
    auto const role = facts.of_model + ".stable";
    repository.add_target(role, path, octets);
    auto& custom = repository.says(role)["targets"][path]["custom"];
    custom["kind"] = "firmware";
    custom["model"] = facts.of_model;
    custom["channel"] = "stable";
    custom["release"] = release;
    custom["floor"] = facts.floor;
    custom["from"] = facts.from;
    custom["hardware"] = js::array();
    for (auto const& each : facts.hardware) custom["hardware"].as_array().emplace_back(each);
    targets[remote_name(path, octets)] = octets;
}

void platform::set_control(std::string const& name, std::string const& content)
{
    repository.add_target("control", "control/" + name, content);
    targets[remote_name("control/" + name, content)] = content;
}

proto::instruction platform::next()
{
    ++issued_;
    return {.probe = us,
            .nonce = std::string(15, '\0') + static_cast<char>(issued_),
            .issued = now + std::chrono::seconds(issued_),
            .expires = now + 240h,
            .rollout = static_cast<std::int32_t>(issued_),
            .install = {}};
}

proto::instruction platform::halt()
{
    return next();
}

proto::instruction platform::wish(std::uint64_t release, proto::instruction::mode how)
{
    auto out = next();
    auto const octets = program_of(release);
    out.install = proto::instruction::wanted{.how = how,
                                             .model = model,
                                             .target = path_of(release, model),
                                             .length = octets.size(),
                                             .sha256 = signing::from_hex(tuf::test::sha256(octets), 32).value(),
                                             .release = release,
                                             .not_before = now,
                                             .deadline = now + 96h};
    return out;
}

proto::signed_instruction platform::signed_by(signing::private_key const& key, proto::instruction const& what) const
{
    auto const octets = proto::encode(what);
    auto const text = key.shared().text();
    constexpr std::string_view before = "ed25519:";
    return {octets, signing::from_hex(std::string_view(text).substr(before.size()), 32).value(),
            key.sign(proto::signed_octets_of_instruction(octets))->octets};
}

proto::file_part platform::answer(proto::file_request const& to) const
{
    auto const slash = to.path.find('/') + 1;
    auto const& files = to.path.starts_with("metadata/") ? repository.files : targets;
    auto const found = files.find(to.path.substr(slash));
    proto::file_part out{.number = to.number, .status = proto::file_status::absent, .size = 0, .octets = {}};
    if (found == files.end()) return out;
    out.status = proto::file_status::here;
    out.size = found->second.size();
    if (to.offset < out.size) out.octets = found->second.substr(to.offset, to.most);
    return out;
}

std::string director_keys(std::vector<signing::private_key const*> const& keys)
{
    std::vector<std::string> lines;
    for (auto const* each : keys) lines.push_back("key " + each->shared().text() + '\n');
    std::sort(lines.begin(), lines.end());
    std::string out;
    for (auto const& each : lines) out += each;
    return out;
}

machine::machine(std::filesystem::path folder, std::uint64_t running) : slots(disk, std::move(folder))
{
    std::filesystem::create_directories(slots.folder());
    if (slots.load()->state.of(firmware::slot::a).is != firmware::standing::empty) return;
    auto const octets = program_of(running);
    auto const file = slots.folder() / "first";
    static_cast<void>(write_atomically(file, octets));
    firmware::offer what;
    what.content = {"first", model, running, 0, octets.size(), firmware::sha256_hex(octets)};
    firmware::install(slots, what, {model, {}}, std::nullopt, [&] { return disk.open(file); });
    static_cast<void>(firmware::commit(slots, firmware::slot::a, running));
    std::filesystem::remove(file);
}

firmware::slot_record const& machine::slot(firmware::slot which)
{
    state_ = slots.load()->state;
    return state_.of(which);
}

std::string machine::program_in(firmware::slot which)
{
    auto const release = slot(which).release;
    auto const octets = read_file(slots.contents().program(which, release), 1'000'000);
    return octets ? *octets : std::string();
}

}  // namespace tp::update::test
