#include "api/firmware/leftovers.hpp"

#include <algorithm>
#include <string_view>

namespace tp::api {
namespace {

constexpr std::string_view metadata = "metadata/", targets = "targets/", root = "root.json";

/// "3.targets.json", but not "3.root.json".
bool is_version_of_a_role(std::string_view name) noexcept
{
    auto const digits = name.find_first_not_of("0123456789");
    return digits != 0 && digits != name.npos && name[digits] == '.' && name.substr(digits + 1) != root;
}

/// "dir/name" for "dir/HASH.name".
std::string without_hash(std::string_view name)
{
    auto const begin = name.rfind('/') + 1;  // 0 if there is no "/"
    auto const point = name.find('.', begin);
    if (point == name.npos) return std::string(name);
    return std::string(name.substr(0, begin)) + std::string(name.substr(point + 1));
}

bool is_wanted(store::firmware_file const& file, std::string_view name, repository_needs const& needs)
{
    auto const plain = without_hash(name);
    return std::any_of(needs.wanted.begin(), needs.wanted.end(), [&](store::wanted_target const& each) {
        return (each.path == plain || each.path == name) && (each.sha256.empty() || each.sha256 == file.sha256);
    });
}

bool may_go(store::firmware_file const& file, repository_needs const& needs)
{
    if (file.stored > needs.settled) return false;
    std::string_view const path = file.path;
    if (path.starts_with(metadata)) {
        auto const name = path.substr(metadata.size());
        return is_version_of_a_role(name) && !needs.named.metadata.contains(name);
    }
    if (!path.starts_with(targets)) return false;
    auto const name = path.substr(targets.size());
    return !needs.named.targets.contains(name) && !is_wanted(file, name, needs);
}

}  // namespace

std::vector<store::firmware_file> leftovers(std::vector<store::firmware_file> files, repository_needs const& needs)
{
    std::erase_if(files, [&](store::firmware_file const& each) { return !may_go(each, needs); });
    return files;
}

}  // namespace tp::api
