#include "firmware-signing/control/contents.hpp"

#include "firmware-signing/anchor_list.hpp"
#include "firmware-signing/control/director_keys.hpp"
#include "firmware-signing/control/hosts.hpp"
#include "firmware-signing/control/prefix_list.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::control {
namespace {

template <class T>
result<void> outcome_of(result<T> const& read)
{
    if (!read) return read.error();
    return {};
}

}  // namespace

std::string_view name_of(content which) noexcept
{
    switch (which) {
        case content::anchors:
            return signing::anchors_name;
        case content::director:
            return "director";
        case content::hosts:
            return "hosts";
        case content::opt_out:
            return "opt-out";
        case content::special_purpose:
            break;
    }
    return "special-purpose";
}

std::string path_of(content which)
{
    return std::string(folder).append(name_of(which));
}

std::optional<content> content_named(std::string_view name) noexcept
{
    for (auto const each : all_contents)
        if (name_of(each) == name) return each;
    return std::nullopt;
}

result<void> check(content which, std::string_view octets)
{
    if (octets.size() > largest_content) return signing::refusal::too_large;
    switch (which) {
        case content::anchors:
            return outcome_of(signing::read_anchor_list(octets));
        case content::director:
            return outcome_of(read_director_keys(octets));
        case content::hosts:
            return outcome_of(read_hosts(octets));
        case content::opt_out:
        case content::special_purpose:
            break;
    }
    return outcome_of(read_prefix_list(octets));
}

}  // namespace tp::control
