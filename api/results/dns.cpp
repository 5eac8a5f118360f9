#include <algorithm>

#include "api/results/dns_message.hpp"
#include "api/results/types.hpp"

namespace tp::api {
namespace {

using proto::dns_exchange;

void write_answer(json_object& fields, dns_answer const& answer)
{
    if (auto const* txt = std::get_if<dns_txt>(&answer.data)) {
        fields.text("TYPE", "TXT");
        fields.text("NAME", answer.name);
        auto list = fields.array("RDATA");
        for (auto const& text : txt->texts) list.text(text);
        return;
    }
    // Atlas ends these names with their dot, and those of texts not.
    auto const& soa = std::get<dns_soa>(answer.data);
    fields.text("TYPE", "SOA");
    fields.text("NAME", answer.name + '.');
    fields.number("TTL", answer.ttl);
    fields.text("MNAME", soa.primary + '.');
    fields.text("RNAME", soa.contact + '.');
    fields.number("SERIAL", soa.serial);
}

void write_message(json_object& fields, dns_exchange const& one)
{
    auto const& message = one.answer.empty() ? one.answer_head : one.answer;
    auto const head = parse_dns_head(message);
    if (!head) return;
    fields.number("ID", head->id);
    fields.number("ANCOUNT", head->answers);
    fields.number("QDCOUNT", head->questions);
    fields.number("NSCOUNT", head->authorities);
    fields.number("ARCOUNT", head->additional);
    auto const answers = parse_dns_answers(message);
    if (answers.empty()) return;
    auto list = fields.array("answers");
    for (auto const& each : answers) {
        auto object = list.object();
        write_answer(object, each);
    }
}

void write_result(json_object& fields, dns_exchange const& one)
{
    if (one.round_trip) fields.milliseconds("rt", *one.round_trip);
    // Over a stream: without the time that it took to set that up.
    if (one.round_trip && one.connect_time) fields.milliseconds("qt", *one.round_trip - *one.connect_time);
    fields.number("size", static_cast<std::int64_t>(one.answer_size));
    if (!one.answer.empty()) {
        auto& out = fields.begin("abuf");
        out.push_back('"');
        append_base64(out, one.answer);
        out.push_back('"');
    }
    if (one.cookie_mismatch) fields.flag("client-cookie-mismatch", true);
    write_message(fields, one);
}

/// A limit is a number, a refusal simply true, and the rest words.
void write_error(json_object& fields, std::string_view name, std::string_view text)
{
    bool const digits = !text.empty() && text.size() < 10 &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    auto error = fields.object("error");
    if (name == "TU_BAD_ADDR") return error.flag(name, true);
    if (name == "timeout" && digits) return error.number(name, std::stoll(std::string(text)));
    error.text(name, text);
}

void write_exchange(json_object& fields, proto::report const& report, dns_exchange const& one)
{
    auto const& server = one.server ? one.server : report.destination;
    auto const& source = one.source ? one.source : report.source;
    if (server) fields.text("dst_addr", server->to_string());
    fields.text("dst_port", std::to_string(one.port));
    fields.number("af", server ? (server->is_v6() ? 6 : 4) : static_cast<int>(report.af));
    if (source) fields.text("src_addr", source->to_string());
    bool const udp = std::get<proto::dns_report>(report.found).transport == proto::dns_transport::udp;
    fields.text("proto", udp ? "UDP" : "TCP");
    if (one.retries != 0) fields.number("retry", one.retries);
    if (one.ttl) fields.number("ttl", *one.ttl);
    if (!one.query.empty()) {
        auto& out = fields.begin("qbuf");
        out.push_back('"');
        append_base64(out, one.query);
        out.push_back('"');
    }
    if (!one.tls_version.empty()) fields.text("sslvers", one.tls_version);
    if (one.wrong_ids != 0) fields.number("wrong_ids", one.wrong_ids);
    if (!one.error_name.empty()) return write_error(fields, one.error_name, one.error_text);
    auto result = fields.object("result");
    write_result(result, one);
}

void write_resultset(json_object& fields, proto::report const& report, proto::dns_report const& found)
{
    auto list = fields.array("resultset");
    for (std::size_t i = 0; i < found.exchanges.size(); ++i) {
        auto one = list.object();
        one.number("time", to_unix_seconds(found.exchanges[i].at));
        one.number("lts", report.since_clock_sync.count());
        one.number("subid", static_cast<std::int64_t>(i) + 1);
        one.number("submax", static_cast<std::int64_t>(found.exchanges.size()));
        write_exchange(one, report, found.exchanges[i]);
    }
}

/// Nothing was asked at all.
void write_failure(json_object& fields, proto::report const& report)
{
    write_addresses(fields, report);
    if (!report.failed) return;
    bool const name = report.failed->source == proto::failure_source::resolver;
    write_error(fields, name ? "getaddrinfo" : "senderror", report.failed->text);
}

}  // namespace

void write_dns(json_object& fields, proto::report const& report)
{
    auto const& found = std::get<proto::dns_report>(report.found);
    if (found.exchanges.empty()) return write_failure(fields, report);
    if (found.by_resolvers) return write_resultset(fields, report, found);
    fields.text("dst_name", report.target);
    if (report.resolve_time) fields.milliseconds("ttr", *report.resolve_time);
    write_exchange(fields, report, found.exchanges.front());
}

}  // namespace tp::api
