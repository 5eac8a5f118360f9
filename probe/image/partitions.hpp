#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tp::image {

/// A partition that the kernel has found.
struct partition {
    std::string device;  // "/dev/nvme0n1p1"
    std::string label;   // that its table gives it
    std::string disk;    // whose part it is: "nvme0n1"
};

/// What an image consists of.
struct image_disk {
    std::string slot_a, slot_b, data;  // devices
};

inline constexpr char const *label_a = "trigpoint-a", *label_b = "trigpoint-b", *label_data = "trigpoint-data";

/// The first disk, by name, that has all three: parts of two disks are never taken together.
inline std::optional<image_disk> find_image(std::vector<partition> const& all)
{
    std::map<std::string, image_disk> disks;
    for (auto const& one : all) {
        auto& disk = disks[one.disk];
        if (one.label == label_a) disk.slot_a = one.device;
        if (one.label == label_b) disk.slot_b = one.device;
        if (one.label == label_data) disk.data = one.device;
    }
    for (auto const& [name, disk] : disks)
        if (!disk.slot_a.empty() && !disk.slot_b.empty() && !disk.data.empty()) return disk;
    return std::nullopt;
}

/// The value of a line "KEY=VALUE", as the kernel has them in a device's `uevent`; empty if there is none.
inline std::string value_in(std::string const& lines, std::string const& key)
{
    auto const text = '\n' + lines;
    auto const found = text.find('\n' + key + '=');
    if (found == std::string::npos) return {};
    auto const begin = found + key.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace tp::image
