#include "api/results/types.hpp"

namespace tp::api {
namespace {

std::string_view name_of(proto::http_method method) noexcept
{
    using enum proto::http_method;
    return method == head ? "HEAD" : method == post ? "POST" : "GET";
}

/// What the options ask for beside the usual.
void write_details(json_object& fields, proto::http_report const& found)
{
    if (found.connect_time) fields.milliseconds("ttc", *found.connect_time);
    if (found.first_byte_time) fields.milliseconds("ttfb", *found.first_byte_time);
    if (!found.reads.empty()) {
        auto list = fields.array("readtiming");
        for (auto const& read : found.reads) {
            auto one = list.object();
            one.number("o", static_cast<std::int64_t>(read.offset));
            one.milliseconds("t", read.at);
        }
    }
    if (!found.headers.empty()) {
        auto list = fields.array("header");
        for (auto const& line : found.headers) list.text(line);
    }
    if (found.truncated) fields.flag("read-truncated", true);
}

void write_answer(json_object& fields, proto::report const& report, proto::http_report const& found)
{
    fields.text("method", name_of(found.method));
    fields.number("af", static_cast<int>(report.af));
    if (report.destination) fields.text("dst_addr", report.destination->to_string());
    if (report.source) fields.text("src_addr", report.source->to_string());
    if (found.round_trip) fields.milliseconds("rt", *found.round_trip);
    if (found.status) {
        fields.number("res", *found.status);
        fields.text("ver", found.version);
        fields.number("hsize", static_cast<std::int64_t>(found.header_size));
        fields.number("bsize", static_cast<std::int64_t>(found.body_size));
    }
    if (found.connect_time && report.resolve_time) fields.milliseconds("ttr", *report.resolve_time);
    write_details(fields, found);
    if (report.failed) write_fetch_failure(fields, *report.failed);
}

}  // namespace

void write_http(json_object& fields, proto::report const& report)
{
    auto const& found = std::get<proto::http_report>(report.found);
    fields.text("uri", found.uri);
    if (report.resolve_time) fields.milliseconds("ttr", *report.resolve_time);
    auto list = fields.array("result");
    auto answer = list.object();
    write_answer(answer, report, found);
}

}  // namespace tp::api
