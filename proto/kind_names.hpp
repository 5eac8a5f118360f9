#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "proto/job.hpp"
#include "proto/report.hpp"

/// What the types of measurements are called, and by whom.
namespace tp::proto {

struct kind_name {
    result_kind kind{};
    std::string_view type;        // in the Atlas API and in the store: "sslcert"
    std::string_view result;      // `msm_name` of Atlas results: "SSLCert"
    std::string_view capability;  // without the family: "tls" of "tls4" and "tls6"
};

inline constexpr std::array<kind_name, 6> kind_names{{
    {result_kind::ping, "ping", "Ping", "ping"},
    {result_kind::traceroute, "traceroute", "Traceroute", "traceroute"},
    {result_kind::dns, "dns", "Tdig", "dns"},
    {result_kind::http, "http", "HTTPGet", "http"},
    {result_kind::tls, "sslcert", "SSLCert", "tls"},
    {result_kind::ntp, "ntp", "Ntp", "ntp"},
}};

constexpr kind_name const& names_of(result_kind kind) noexcept
{
    return kind_names[static_cast<std::size_t>(kind) - 1];
}

/// By the name in the API. None for a type that this platform does not have.
constexpr std::optional<result_kind> kind_of_type(std::string_view type) noexcept
{
    for (auto const& each : kind_names)
        if (each.type == type) return each.kind;
    return std::nullopt;
}

/// By the name in settings and capabilities.
constexpr std::optional<result_kind> kind_of_capability(std::string_view capability) noexcept
{
    for (auto const& each : kind_names)
        if (each.capability == capability) return each.kind;
    return std::nullopt;
}

/// What a probe must be able to do to take part in a measurement: "traceroute4".
inline std::string capability_for(result_kind kind, family af)
{
    return std::string(names_of(kind).capability) + (af == family::v6 ? '6' : '4');
}

}  // namespace tp::proto
