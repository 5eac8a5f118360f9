#include "controller/version_reports.hpp"

#include "proto/update_words.hpp"
#include "proto/version_report.hpp"

namespace tp::controller {
namespace {

std::string hex(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (char const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
    return out;
}

/// Of newer probes only.
std::string program_text(proto::version_report::slot const& from)
{
    if (from.length == 0) return {};
    return "; its program has " + std::to_string(from.length) + " octets and the SHA-256 " + hex(from.sha256);
}

std::string slot_text(proto::version_report::slot const& from)
{
    constexpr std::string_view standings[] = {"", "on trial", "committed", "failed before"};
    return ", release " + std::to_string(from.release) + " of " + from.model + " from slot " + from.name + ", " +
           std::string(standings[from.standing]);
}

std::string update_text(proto::version_report const& report)
{
    auto out = "; update state " + std::string(proto::name_of_state(report.update_state)) + ", result " +
               std::string(proto::name_of_result(report.update_result));
    if (report.attack != proto::attack_sign::not_told) out += ", " + std::string(proto::name_of(report.attack));
    return out;
}

std::string words_of(proto::version_report const& report)
{
    auto out = "runs " + report.software;
    if (report.from) out += slot_text(*report.from);
    if (report.last_failure)
        out += "; release " + std::to_string(report.last_failure->release) + " failed: " + report.last_failure->cause;
    out += update_text(report);
    if (report.started != proto::boot_reason::not_told)
        out += "; why it was started: " + std::string(proto::name_of(report.started));
    return report.from ? out + program_text(*report.from) : out;
}

store::firmware_state state_of(proto::version_report const& report)
{
    store::firmware_state out;
    if (report.from) {
        out.model = report.from->model;
        out.release = report.from->release;
        out.sha256 = report.from->sha256;
        out.target = report.from->target;
        out.standing = report.from->standing;
    }
    out.update_state = report.update_state;
    out.update_result = report.update_result;
    if (report.last_failure) {
        out.failed_release = report.last_failure->release;
        out.cause = report.last_failure->cause;
    }
    out.instruction = report.instruction;
    out.root_version = report.root_version;
    out.software = report.software;
    return out;
}

}  // namespace

result<kept_report> kept_version_report(proto::signed_report const& sent, probe_id from, ssh::public_key const& key)
{
    if (!key.verifies(proto::signed_octets_of_report(sent.report), sent.signature)) return errc::rejected;
    auto const report = proto::decode_version_report(sent.report);
    if (!report || report->probe != from || report->number != sent.number) return errc::malformed;
    return kept_report{words_of(*report) + "; signed " + hex(sent.report) + ' ' + hex(sent.signature),
                       state_of(*report)};
}

}  // namespace tp::controller
