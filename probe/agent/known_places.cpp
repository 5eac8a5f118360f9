#include "probe/agent/known_places.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/log.hpp"
#include "firmware-signing/control/hosts.hpp"
#include "probe/firmware/sha256.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "link";
constexpr unsigned private_file = 0600;

}  // namespace

result<void> known_places::use(std::optional<std::string_view> hosts)
{
    auto read = hosts ? control::read_hosts(*hosts) : control::hosts();
    if (!read) return read.error();
    registries_.clear();
    for (auto const& each : read->registries) registries_.push_back({each.host, each.port});
    registry_keys_ = std::move(read->registry_keys);
    controller_keys_ = std::move(read->controller_keys);
    hash_ = hosts ? firmware::sha256_hex(*hosts) : std::string();
    auto const known = read_file(file_, firmware::sha256::digits + 1);
    adopted_ = hosts && known && *known == hash_ + '\n';
    return {};
}

std::size_t known_places::count() const noexcept
{
    return registries_.size() + (adopted_ ? 0 : from_.registries.size());
}

known_places::registry known_places::at(std::size_t index) const
{
    index %= count();
    if (index < registries_.size()) return {registries_[index], registry_keys_};
    return {from_.registries[index - registries_.size()], from_.registry_keys};
}

void known_places::answered(std::size_t index)
{
    if (adopted_ || index % count() >= registries_.size()) return;
    adopted_ = true;
    log::info(component, "the signed list of registries is in force: one of them has answered");
    if (auto const kept = write_atomically(file_, hash_ + '\n', private_file); !kept)
        log::error(component, "which cannot be remembered: " + kept.error().message());
}

bool known_places::know(proto::controller_place const& one) const
{
    return controller_keys_.empty() ||
           std::all_of(one.host_keys.begin(), one.host_keys.end(), [this](ssh::public_key const& key) {
               return std::find(controller_keys_.begin(), controller_keys_.end(), key) != controller_keys_.end();
           });
}

bool known_places::know(proto::assignment const& placed) const
{
    return std::all_of(placed.controllers.begin(), placed.controllers.end(),
                       [this](auto const& one) { return know(one); });
}

}  // namespace tp::probe
