#include "proto/version_report.hpp"

#include "proto/fields.hpp"

namespace tp::proto {
namespace {

constexpr std::size_t largest_report_octets = 4 * 1024;
constexpr std::string_view context = "trigpoint version report 1\n";

void write(version_report::slot const& from, v1::RunningSlot& to)
{
    to.set_name(from.name);
    to.set_model(clean_text(from.model));
    to.set_release(from.release);
    to.set_sha256(from.sha256);
    to.set_standing(from.standing);
    to.set_tries(from.tries);
    to.set_floor(from.floor);
    to.set_highest(from.highest);
    to.set_target(clean_text(from.target));
    to.set_length(from.length);
}

version_report::slot read_slot(field_reader& in, v1::RunningSlot const& from)
{
    version_report::slot out;
    out.name = in.text(from.name(), 1);
    in.require(out.name == "a" || out.name == "b");
    out.model = in.text(from.model());
    out.release = in.within<std::uint64_t>(from.release(), 1, UINT64_MAX);
    out.sha256 = in.octets(from.sha256(), version_report::hash_length);
    in.require(out.sha256.size() == version_report::hash_length);
    out.standing = in.within<std::uint32_t>(from.standing(), 1, version_report::highest_standing);
    out.tries = from.tries();
    out.floor = from.floor();
    out.highest = from.highest();
    out.target = in.text(from.target());
    out.length = in.within<std::uint64_t>(from.length(), 0, version_report::largest_program);
    return out;
}

version_report::failure read_failure(field_reader& in, v1::UpdateFailure const& from)
{
    return {in.within<std::uint64_t>(from.release(), 1, UINT64_MAX), in.text(from.cause(), longest_name)};
}

}  // namespace

bool came_from_repository(std::string_view target) noexcept
{
    constexpr std::string_view by_host = "host/";  // trigpoint-supervisor install
    bool const hosts = target.starts_with(by_host) && target.find('/', by_host.size()) == target.npos;
    return !target.empty() && !hosts;
}

std::string encode(version_report const& report)
{
    v1::VersionReport out;
    out.set_probe(report.probe.value());
    out.set_number(report.number);
    out.set_boot_count(report.boot_count);
    out.set_at_ns(to_wire(report.at));
    out.set_software(clean_text(report.software));
    if (report.from) write(*report.from, *out.mutable_from());
    out.set_update_state(report.update_state);
    out.set_update_result(report.update_result);
    if (report.last_failure) {
        out.mutable_last_failure()->set_release(report.last_failure->release);
        out.mutable_last_failure()->set_cause(clean_text(report.last_failure->cause, longest_name));
    }
    out.set_instruction(report.instruction);
    out.set_root_version(report.root_version);
    out.set_boot_reason(static_cast<std::uint32_t>(report.started));
    out.set_attack(static_cast<std::uint32_t>(report.attack));
    return out.SerializeAsString();
}

result<version_report> decode_version_report(std::string_view octets)
{
    auto const message = parse<v1::VersionReport>(octets, largest_report_octets);
    if (!message) return message.error();
    field_reader in;
    version_report out{
        .probe = in.id<probe_id>(message->probe()),
        .number = message->number(),
        .boot_count = message->boot_count(),
        .at = in.time(message->at_ns()),
        .software = in.text(message->software()),
        .from = {},
        .update_state = in.within<std::uint32_t>(message->update_state(), 0, version_report::highest_state),
        .update_result = in.within<std::uint32_t>(message->update_result(), 0, version_report::highest_result),
        .last_failure = {},
        .instruction = in.octets(message->instruction(), version_report::nonce_length),
        .root_version = message->root_version(),
        .started = static_cast<boot_reason>(
            in.within<std::uint32_t>(message->boot_reason(), 0, version_report::highest_boot_reason)),
        .attack =
            static_cast<attack_sign>(in.within<std::uint32_t>(message->attack(), 0, version_report::highest_attack))};
    in.require(out.instruction.empty() || out.instruction.size() == version_report::nonce_length);
    if (message->has_from()) out.from = read_slot(in, message->from());
    if (message->has_last_failure()) out.last_failure = read_failure(in, message->last_failure());
    return in.finish(std::move(out));
}

std::string signed_octets_of_report(std::string_view encoded)
{
    return std::string(context).append(encoded);
}

}  // namespace tp::proto
