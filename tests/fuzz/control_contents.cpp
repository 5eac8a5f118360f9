// The first octet chooses the content. Whatever can be read has one spelling: it is written again as it was.
#include <cstdint>
#include <string>

#include "firmware-signing/control/contents.hpp"
#include "firmware-signing/control/director_keys.hpp"
#include "firmware-signing/control/hosts.hpp"
#include "firmware-signing/control/prefix_list.hpp"

namespace {

using namespace tp::control;

std::string director_again(std::string_view text)
{
    std::string out;
    for (auto const& key : read_director_keys(text).value()) out += "key " + key.text() + '\n';
    return out;
}

std::string hosts_again(std::string_view text)
{
    std::string out;
    auto const read = read_hosts(text).value();
    for (auto const& each : read.registries) out += "registry " + each.text() + '\n';
    for (auto const& each : read.registry_keys) out += "registry-key " + each.text() + '\n';
    for (auto const& each : read.controller_keys) out += "controller-key " + each.text() + '\n';
    return out;
}

std::string prefixes_again(std::string_view text)
{
    std::string out;
    for (auto const& each : read_prefix_list(text).value()) out += each.text() + '\n';
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0) return 0;
    auto const which = all_contents[data[0] % all_contents.size()];
    std::string_view const text(reinterpret_cast<char const*>(data + 1), size - 1);
    (void)is_line_of_hosts(text);
    if (!check(which, text) || which == content::anchors) return 0;
    auto const again = which == content::director ? director_again(text)
                       : which == content::hosts  ? hosts_again(text)
                                                  : prefixes_again(text);
    if (again != text) __builtin_trap();
    return 0;
}
