#include "registry/detect/finding.hpp"

#include <algorithm>

namespace tp::registry::detect {
namespace {

constexpr std::array<std::string_view, rule_count> names{"two-places", "session-counter", "firmware",    "round-trip",
                                                         "place",      "canary",          "result-rate", "protocol",
                                                         "flapping",   "clock",           "peers"};

}  // namespace

std::string_view name(rule of) noexcept
{
    return names[index(of)];
}

std::optional<rule> rule_named(std::string_view name) noexcept
{
    auto const* const found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<rule>(found - names.begin());
}

std::string_view name(severity of) noexcept
{
    switch (of) {
        case severity::note:
            return "note";
        case severity::warning:
            return "warning";
        case severity::grave:
            return "grave";
    }
    return "";
}

}  // namespace tp::registry::detect
