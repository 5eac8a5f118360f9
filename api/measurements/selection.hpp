#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "api/errors.hpp"
#include "api/measurements/sources.hpp"
#include "base/ids.hpp"

namespace tp::api {

struct context;
struct caller;

/// Adds the tag that says a probe's family works to sources that leave the choice to us. Sources that name probes, or
/// take those of a measurement, get what they ask for.
void prefer_working(std::vector<source>& sources, std::span<int const> families);

/// Sources take only probes that can do what is asked. Where several things are asked for at once, those that name
/// probes keep the ones that can do some of them.
void require_capabilities(std::vector<source>& sources, std::vector<std::string> const& needed);

/// Sources that take the probes of a measurement: one that the caller cannot see does not exist, which becomes a fault
/// below `pointer`.
boost::asio::awaitable<result<void>> check_sources(context& shared, caller const& who,
                                                   std::vector<source> const& sources, std::string pointer,
                                                   std::vector<fault>& faults);

/// Chooses connected probes for each source in turn, none twice and none of `present`; at most `room` in all. A source
/// that finds too few gives what it finds.
boost::asio::awaitable<result<std::vector<probe_id>>> select_probes(context& shared, std::vector<source> sources,
                                                                    std::vector<probe_id> present, std::size_t room);

}  // namespace tp::api
