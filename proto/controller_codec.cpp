#include <limits>

#include "proto/fields.hpp"

namespace tp::proto {
namespace {

void put(v1::ToController& out, controller_hello const& from)
{
    auto& to = *out.mutable_hello();
    write(from.versions, *to.mutable_versions());
    write(from.runs, *to.mutable_runs());
    to.set_probe(from.probe.value());
    to.set_boot_count(from.boot_count);
    to.set_clock_ns(to_wire(from.clock));
    for (auto const& held : from.holds) {
        auto& written = *to.add_holds();
        written.set_name(held.name);
        written.set_version(held.version);
    }
}

void put(v1::ToController& out, result_batch const& from)
{
    auto& to = *out.mutable_results();
    to.set_number(from.number);
    for (auto const& item : from.results) {
        auto& written = *to.add_results();
        written.set_measurement(item.measurement.value());
        written.set_timestamp_ns(to_wire(item.timestamp));
        written.set_sequence(item.sequence);
        written.set_kind(static_cast<std::int32_t>(item.kind));
        written.set_report(item.report);
    }
}

void put(v1::ToController& out, events const& from)
{
    auto& to = *out.mutable_events();
    for (auto const& happened : from.list) {
        auto& written = *to.add_list();
        written.set_at_ns(to_wire(happened.at));
        written.set_kind(clean_text(happened.kind, longest_name));
        written.set_text(clean_text(happened.text));
    }
}

void put(v1::ToController& out, keepalive)
{
    out.mutable_keepalive();
}

void put(v1::ToController& out, signed_report const& from)
{
    auto& to = *out.mutable_version_report();
    to.set_number(from.number);
    to.set_report(from.report);
    to.set_signature(from.signature);
}

void put(v1::ToController& out, file_request const& from)
{
    auto& to = *out.mutable_file_request();
    to.set_number(from.number);
    to.set_path(from.path);
    to.set_offset(from.offset);
    to.set_most(from.most);
}

void put(v1::ToController& out, key_wish)
{
    out.mutable_key_wish();
}

void put(v1::ToController& out, key_change const& from)
{
    auto& to = *out.mutable_key_change();
    to.set_key(from.key.base64());
    to.set_by_old(from.by_old);
    to.set_by_new(from.by_new);
}

void put(v1::FromController& out, welcome const& from)
{
    auto& to = *out.mutable_welcome();
    to.set_version(from.version);
    to.set_clock_ns(to_wire(from.clock));
    to.set_keepalive_ms(to_wire(from.keepalive));
}

void put(v1::FromController& out, wait const& from)
{
    write(from, *out.mutable_wait());
}

void put(v1::FromController& out, refuse const& from)
{
    write(from, *out.mutable_refuse());
}

void put(v1::FromController& out, job_page const& from)
{
    auto& to = *out.mutable_job_page();
    to.set_first(from.first);
    to.set_last(from.last);
    for (auto const& one : from.jobs) write(one, *to.add_jobs());
}

void put(v1::FromController& out, job_change const& from)
{
    auto& to = *out.mutable_job_change();
    for (auto const& one : from.changed) write(one, *to.add_changed());
    for (auto const measurement : from.removed) to.add_removed(measurement.value());
}

void put(v1::FromController& out, acknowledge const& from)
{
    auto& to = *out.mutable_acknowledge();
    for (auto const number : from.batches) to.add_batches(number);
}

void put(v1::FromController& out, keepalive)
{
    out.mutable_keepalive();
}

void put(v1::FromController& out, cap_limits const& from)
{
    auto& to = *out.mutable_cap_limits();
    to.set_packets_per_second(from.packets_per_second.value_or(0));
    to.set_bits_per_second(from.bits_per_second.value_or(0));
    to.set_jobs_at_once(from.jobs_at_once.value_or(0));
    to.set_bytes_per_day(from.bytes_per_day.value_or(0));
    if (from.shortest_interval) to.set_shortest_interval_ms(to_wire(*from.shortest_interval));
    for (auto const kind : from.refused_kinds) to.add_refused_kinds(static_cast<std::int32_t>(kind));
}

void put(v1::FromController& out, document_part const& from)
{
    auto& to = *out.mutable_document();
    to.set_name(from.name);
    to.set_octets(from.octets);
    to.set_first(from.first);
    to.set_last(from.last);
}

void put(v1::FromController& out, report_taken const& from)
{
    out.mutable_report_taken()->set_number(from.number);
}

v1::FileStatus to_wire(file_status status)
{
    switch (status) {
        case file_status::here:
            return v1::FILE_HERE;
        case file_status::absent:
            return v1::FILE_ABSENT;
        case file_status::unavailable:
            break;
    }
    return v1::FILE_UNAVAILABLE;
}

void put(v1::FromController& out, file_part const& from)
{
    auto& to = *out.mutable_file_part();
    to.set_number(from.number);
    to.set_status(to_wire(from.status));
    to.set_size(from.size);
    to.set_octets(from.octets);
}

void put(v1::FromController& out, signed_instruction const& from)
{
    auto& to = *out.mutable_instruction();
    to.set_instruction(from.instruction);
    to.set_key(from.key);
    to.set_signature(from.signature);
}

void put(v1::FromController& out, key_nonce const& from)
{
    auto& to = *out.mutable_key_nonce();
    to.set_octets(from.octets);
    to.set_wanted(from.wanted);
}

void put(v1::FromController& out, key_answer const& from)
{
    auto& to = *out.mutable_key_answer();
    to.set_verdict(static_cast<v1::KeyVerdict>(from.is));
    to.set_reason(clean_text(from.reason));
}

result<controller_hello> read(v1::ControllerHello const& from)
{
    field_reader in;
    controller_hello out{.versions = in.versions(from.versions()),
                         .runs = in.runs(from.runs()),
                         .probe = in.id<probe_id>(from.probe()),
                         .boot_count = from.boot_count(),
                         .clock = in.time(from.clock_ns()),
                         .holds = {}};
    in.at_most(from.holds_size(), most_held);
    for (auto const& held : from.holds()) out.holds.push_back({in.text(held.name(), longest_name), held.version()});
    return in.finish(std::move(out));
}

// Kinds that this build does not know pass as numbers: a controller stores and acknowledges what newer probes measure.
result_kind read_kind(field_reader& in, std::int32_t number)
{
    constexpr std::int32_t highest = std::numeric_limits<std::int16_t>::max();
    return static_cast<result_kind>(in.within(number, 1, highest));
}

result<result_batch> read(v1::ResultBatch const& from)
{
    field_reader in;
    in.require(from.results_size() > 0);
    in.at_most(from.results_size(), most_results);
    result_batch out{.number = from.number(), .results = {}};
    out.results.reserve(static_cast<std::size_t>(from.results_size()));
    for (auto const& item : from.results()) {
        in.require(item.report().size() <= largest_report, errc::too_large);
        out.results.push_back({.measurement = in.id<measurement_id>(item.measurement()),
                               .timestamp = in.time(item.timestamp_ns()),
                               .sequence = item.sequence(),
                               .kind = read_kind(in, item.kind()),
                               .report = item.report()});
    }
    return in.finish(std::move(out));
}

result<events> read(v1::Events const& from)
{
    field_reader in;
    in.at_most(from.list_size(), most_events);
    events out;
    for (auto const& happened : from.list())
        out.list.push_back({.at = in.time(happened.at_ns()),
                            .kind = in.text(happened.kind(), longest_name),
                            .text = in.text(happened.text())});
    return in.finish(std::move(out));
}

result<signed_report> read(v1::SignedReport const& from)
{
    field_reader in;
    in.require(from.signature().size() == signed_report::signature_length);
    return in.finish(signed_report{.number = from.number(),
                                   .report = in.octets(from.report(), signed_report::largest),
                                   .signature = from.signature()});
}

result<file_request> read(v1::FileRequest const& from)
{
    field_reader in;
    return in.finish(file_request{.number = from.number(),
                                  .path = in.text(from.path(), file_request::longest_path),
                                  .offset = from.offset(),
                                  .most = in.within<std::uint32_t>(from.most(), 1, file_request::largest)});
}

result<key_change> read(v1::KeyChange const& from)
{
    auto const key = ssh::public_key::parse(from.key());
    if (!key || key->base64() != from.key()) return errc::malformed;
    field_reader in;
    in.require(from.by_old().size() == key_change::signature_length);
    in.require(from.by_new().size() == key_change::signature_length);
    return in.finish(key_change{*key, from.by_old(), from.by_new()});
}

result<key_nonce> read(v1::KeyNonce const& from)
{
    field_reader in;
    in.require(from.octets().size() == key_nonce::length);
    return in.finish(key_nonce{from.octets(), from.wanted()});
}

result<key_answer> read(v1::KeyAnswer const& from)
{
    using verdict = key_answer::verdict;
    field_reader in;
    in.require(from.verdict() != v1::KEY_UNSPECIFIED);
    bool const known = from.verdict() == v1::KEY_TAKEN || from.verdict() == v1::KEY_REFUSED;
    return in.finish(key_answer{known ? static_cast<verdict>(from.verdict()) : verdict::later, in.text(from.reason())});
}

result<welcome> read(v1::Welcome const& from)
{
    field_reader in;
    in.require(from.version() >= 1);
    return in.finish(welcome{.version = from.version(),
                             .clock = in.time(from.clock_ns()),
                             .keepalive = in.span(from.keepalive_ms(), std::chrono::seconds{1})});
}

// Drops the jobs of a kind that this build does not know, and only those: the others must not wait for an update.
template <class Jobs>
std::vector<job> read_jobs(field_reader& in, Jobs const& from)
{
    in.at_most(from.size(), most_jobs);
    std::vector<job> out;
    out.reserve(static_cast<std::size_t>(from.size()));
    for (v1::Job const& one : from) {
        auto read_one = read_job(one);
        if (!read_one && read_one.error() == errc::unsupported) continue;
        if (auto taken = in.take(std::move(read_one))) out.push_back(std::move(*taken));
    }
    return out;
}

result<job_page> read(v1::JobPage const& from)
{
    field_reader in;
    return in.finish(job_page{.first = from.first(), .last = from.last(), .jobs = read_jobs(in, from.jobs())});
}

result<job_change> read(v1::JobChange const& from)
{
    field_reader in;
    in.at_most(from.removed_size(), most_jobs);
    job_change out{.changed = read_jobs(in, from.changed()), .removed = {}};
    for (auto const number : from.removed()) out.removed.push_back(in.id<measurement_id>(number));
    return in.finish(std::move(out));
}

result<acknowledge> read(v1::Acknowledge const& from)
{
    field_reader in;
    in.at_most(from.batches_size(), most_acknowledged);
    return in.finish(acknowledge{.batches = {from.batches().begin(), from.batches().end()}});
}

result<cap_limits> read(v1::CapLimits const& from)
{
    field_reader in;
    in.at_most(from.refused_kinds_size(), cap_limits::most_kinds);
    cap_limits out;
    if (from.packets_per_second() != 0) out.packets_per_second = from.packets_per_second();
    if (from.jobs_at_once() != 0) out.jobs_at_once = from.jobs_at_once();
    if (from.bits_per_second() != 0) out.bits_per_second = from.bits_per_second();
    if (from.bytes_per_day() != 0) out.bytes_per_day = from.bytes_per_day();
    if (from.shortest_interval_ms() != 0) out.shortest_interval = in.span(from.shortest_interval_ms());
    for (auto const number : from.refused_kinds()) out.refused_kinds.push_back(read_kind(in, number));
    return in.finish(std::move(out));
}

result<document_part> read(v1::DocumentPart const& from)
{
    field_reader in;
    return in.finish(document_part{.name = in.text(from.name(), longest_name),
                                   .first = from.first(),
                                   .last = from.last(),
                                   .octets = in.octets(from.octets(), document_part::largest)});
}

file_status read_status(v1::FileStatus status)
{
    if (status == v1::FILE_HERE) return file_status::here;
    return status == v1::FILE_ABSENT ? file_status::absent : file_status::unavailable;
}

result<file_part> read(v1::FilePart const& from)
{
    field_reader in;
    return in.finish(file_part{.number = from.number(),
                               .status = read_status(from.status()),
                               .size = from.size(),
                               .octets = in.octets(from.octets(), file_request::largest)});
}

result<signed_instruction> read(v1::SignedInstruction const& from)
{
    field_reader in;
    in.require(from.key().size() == signed_instruction::key_length);
    in.require(from.signature().size() == signed_instruction::signature_length);
    return in.finish(signed_instruction{.instruction = in.octets(from.instruction(), signed_instruction::largest),
                                        .key = from.key(),
                                        .signature = from.signature()});
}

}  // namespace

std::string encode(to_controller const& message)
{
    v1::ToController out;
    std::visit([&](auto const& body) { put(out, body); }, message);
    return out.SerializeAsString();
}

std::string encode(from_controller const& message)
{
    v1::FromController out;
    std::visit([&](auto const& body) { put(out, body); }, message);
    return out.SerializeAsString();
}

result<to_controller> decode_to_controller(std::string_view body)
{
    auto const message = parse<v1::ToController>(body, largest_frame);
    if (!message) return message.error();
    switch (message->body_case()) {
        case v1::ToController::kHello:
            return as<to_controller>(read(message->hello()));
        case v1::ToController::kResults:
            return as<to_controller>(read(message->results()));
        case v1::ToController::kEvents:
            return as<to_controller>(read(message->events()));
        case v1::ToController::kKeepalive:
            return to_controller(keepalive{});
        case v1::ToController::kVersionReport:
            return as<to_controller>(read(message->version_report()));
        case v1::ToController::kFileRequest:
            return as<to_controller>(read(message->file_request()));
        case v1::ToController::kKeyWish:
            return to_controller(key_wish{});
        case v1::ToController::kKeyChange:
            return as<to_controller>(read(message->key_change()));
        case v1::ToController::BODY_NOT_SET:
            break;
    }
    return errc::unsupported;
}

result<from_controller> decode_from_controller(std::string_view body)
{
    auto const message = parse<v1::FromController>(body, largest_frame);
    if (!message) return message.error();
    switch (message->body_case()) {
        case v1::FromController::kWelcome:
            return as<from_controller>(read(message->welcome()));
        case v1::FromController::kWait:
            return as<from_controller>(read_wait(message->wait()));
        case v1::FromController::kRefuse:
            return as<from_controller>(read_refuse(message->refuse()));
        case v1::FromController::kJobPage:
            return as<from_controller>(read(message->job_page()));
        case v1::FromController::kJobChange:
            return as<from_controller>(read(message->job_change()));
        case v1::FromController::kAcknowledge:
            return as<from_controller>(read(message->acknowledge()));
        case v1::FromController::kKeepalive:
            return from_controller(keepalive{});
        case v1::FromController::kCapLimits:
            return as<from_controller>(read(message->cap_limits()));
        case v1::FromController::kDocument:
            return as<from_controller>(read(message->document()));
        case v1::FromController::kReportTaken:
            return from_controller(report_taken{message->report_taken().number()});
        case v1::FromController::kFilePart:
            return as<from_controller>(read(message->file_part()));
        case v1::FromController::kInstruction:
            return as<from_controller>(read(message->instruction()));
        case v1::FromController::kKeyNonce:
            return as<from_controller>(read(message->key_nonce()));
        case v1::FromController::kKeyAnswer:
            return as<from_controller>(read(message->key_answer()));
        case v1::FromController::BODY_NOT_SET:
            break;
    }
    return errc::unsupported;
}

}  // namespace tp::proto
