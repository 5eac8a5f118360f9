#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "probe/measure/engine.hpp"
#include "proto/findings.hpp"

namespace tp::probe {

/// Octets of queries and answers that a report keeps: room is left in the largest report for the rest of it.
inline constexpr std::size_t kept_octets = 48 * 1024;

/// The port of an order's servers.
std::uint16_t port_of(proto::dns_options const& options) noexcept;

/// Enters an answer.
void put_answer(proto::dns_exchange& to, std::span<std::uint8_t const> message, proto::dns_options const& options);

/// Replaces the answers that are too large for the report by their beginnings.
void keep_within(std::vector<proto::dns_exchange>& all, std::size_t room);

/// Of a failed exchange. The names: proto::dns_exchange.
void put_error(proto::dns_exchange& to, std::string name, std::string text);

void add(traffic& to, traffic const& more) noexcept;

/// What the guard said to the queries of a run.
struct refusals {
    std::size_t count = 0;
    std::string said, why;  // to the first
    void add(std::string what_said, std::string what_why);
};

/// The findings of a run, and that it failed if all its queries were refused.
void finish_findings(outcome& what, proto::dns_options const& options, std::vector<proto::dns_exchange> exchanges,
                     refusals const& no);

}  // namespace tp::probe
