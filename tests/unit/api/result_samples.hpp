#pragma once

#include <string>

#include "api/results/result.hpp"

/// A stored result of each type for the tests of their JSON.
namespace tp::api::samples {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

inline ip_address address(std::string_view text)
{
    return parse_address(text).value();
}

inline store::result_row row(proto::result_kind kind)
{
    return {measurement_id::from(1'000'001).value(),
            probe_id::from(7).value(),
            from_unix_seconds(1'700'000'000) + milliseconds(900),
            1,
            static_cast<std::int16_t>(kind),
            0,
            from_unix_seconds(1'700'000'002),
            {}};
}

/// A report of these findings about 192.0.2.1.
inline proto::report report(proto::findings found)
{
    proto::report out;
    out.software = "0.1.0";
    out.since_clock_sync = std::chrono::seconds(20);
    out.target = "192.0.2.1";
    out.destination = address("192.0.2.1");
    out.source = address("10.0.0.2");
    out.seen_from = address("198.51.100.7");
    out.found = std::move(found);
    return out;
}

/// One of the same that failed.
inline proto::report failed(proto::findings found, proto::failure_source source, std::string text)
{
    auto out = report(std::move(found));
    out.failed = proto::failure{source, std::move(text)};
    return out;
}

inline std::string text_of(proto::report const& what, result_context const& context = {1'000'001, {}})
{
    std::string out;
    append_report(out, row(proto::kind_of(what.found)), what, context);
    return out;
}

/// What every result of report() begins and ends with.
inline std::string enclosed(std::string_view middle, std::string_view name, std::string_view type)
{
    return R"({"fw":5120,"mver":"0.1.0","lts":20,)" + std::string(middle) +
           R"(,"msm_id":1000001,"prb_id":7,"timestamp":1700000000,"msm_name":")" + std::string(name) +
           R"(","from":"198.51.100.7","type":")" + std::string(type) +
           R"(","group_id":1000001,"stored_timestamp":1700000002})";
}

}  // namespace tp::api::samples
