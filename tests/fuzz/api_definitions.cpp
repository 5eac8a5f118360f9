#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/measurements/definitions.hpp"
#include "api/results/text.hpp"
#include "proto/codec.hpp"

// Whatever a client posts is refused with reasons, or became a request within every limit.
static void check(tp::api::creation const& made, tp::api::limits const& limits, tp::wall_time now)
{
    auto const require = [](bool holds) {
        if (!holds) std::abort();
    };
    require(!made.definitions.empty() && made.definitions.size() <= limits.definitions_per_request);
    require(!made.sources.empty() && made.sources.size() <= tp::api::most_sources);
    for (auto const& one : made.definitions) {
        require(one.target.empty() != tp::proto::needs_target(one.options));
        require(one.target.size() <= tp::proto::job::longest_target);
        // The codec checks every range of every option: what passes here is what a probe will take.
        tp::proto::job const job{tp::measurement_id::from(1).value(), one.af, one.target, {}, one.when, one.options};
        auto const back = tp::proto::decode_job(tp::proto::encode(job));
        require(back.has_value() && back->options == one.options);
        require(one.when.start >= now && one.when.start <= now + tp::api::latest_start);
        require(!one.when.stop || (one.when.interval && *one.when.stop > one.when.start));
        require(!one.when.interval || *one.when.interval >= limits.shortest_interval);
        require(!one.when.interval || one.when.spread <= *one.when.interval);
        require(tp::api::is_storable_text(one.description) && one.tags.size() <= tp::api::most_tags);
        for (auto const& tag : one.tags) require(tp::api::is_storable_text(tag));
    }
    for (auto const& each : made.sources) {
        require(each.requested >= 1 && each.requested <= limits.probes_per_measurement);
        require(each.filter.ids.size() <= limits.probes_per_measurement);
    }
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const body(reinterpret_cast<char const*>(data), size);
    auto const now = tp::from_unix_seconds(1'700'000'000);
    tp::api::limits const limits;
    auto const made = tp::api::parse_creation(body, limits, now, "");
    if (made) {
        check(*made, limits, now);
    } else if (made.error().faults.empty() || tp::api::to_json(made.error()).empty()) {
        std::abort();
    }
    return 0;
}
