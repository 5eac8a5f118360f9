#include "probe/agent/kept.hpp"

#include <algorithm>
#include <charconv>

#include "base/files.hpp"
#include "probe/spool/record.hpp"
#include "proto/codec.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t largest_boot_file = 16;  // octets
constexpr unsigned private_file = 0600;
constexpr std::size_t octets_in_record = 64 * 1024;  // of a list of blocks

std::string octets_of(wall_time at)
{
    std::string out;
    put_number(out, static_cast<std::uint64_t>(at.time_since_epoch().count()), 8);
    return out;
}

wall_time time_from(std::string_view octets)
{
    auto const count = static_cast<std::int64_t>(get_number(octets));
    return wall_time(std::chrono::nanoseconds(std::max<std::int64_t>(count, 0)));
}

void put_account(std::string& out, day_budget::account const& value)
{
    put_number(out, static_cast<std::uint64_t>(value.day), 8);
    put_number(out, value.octets, 8);
}

day_budget::account account_from(std::string_view octets)
{
    return {static_cast<std::int64_t>(get_number(octets.substr(0, 8))), get_number(octets.substr(8, 8))};
}

/// The next record, taken off the file. Nothing: there is none, or it is damaged.
std::optional<std::string_view> take_record(std::string_view& file)
{
    auto const record = read_record(file);
    if (record.is != framed::kind::whole) return std::nullopt;
    file.remove_prefix(record.consumed);
    return record.body;
}

template <class T>
std::optional<T> read_kept(std::filesystem::path const& path, result<T> (*decode)(std::string_view))
{
    auto const file = read_file(path, kept_files::largest);
    if (!file) return std::nullopt;
    auto value = decode(*file);
    if (!value) return std::nullopt;
    return std::move(*value);
}

}  // namespace

std::string encode_kept(kept_assignment const& value)
{
    return frame_record(octets_of(value.obtained) + proto::encode(proto::from_registry(value.value)));
}

result<kept_assignment> decode_kept_assignment(std::string_view file)
{
    auto const body = take_record(file);
    if (!body || body->size() < 8 || !file.empty()) return errc::malformed;
    auto message = proto::decode_from_registry(body->substr(8));
    auto* const assignment = message ? std::get_if<proto::assignment>(&*message) : nullptr;
    if (!assignment) return errc::malformed;
    return kept_assignment{std::move(*assignment), time_from(body->substr(0, 8))};
}

std::string encode_kept(kept_jobs const& value)
{
    auto head = octets_of(value.contact);
    put_number(head, static_cast<std::uint32_t>(value.probe.value()), 4);
    put_number(head, value.jobs.size(), 4);
    auto out = frame_record(head);
    for (auto const& job : value.jobs) out += frame_record(proto::encode(job));
    return out;
}

result<kept_jobs> decode_kept_jobs(std::string_view file)
{
    auto const head = take_record(file);
    if (!head || head->size() != 16) return errc::malformed;
    auto const probe = probe_id::from(static_cast<std::int64_t>(get_number(head->substr(8, 4))));
    if (!probe) return errc::malformed;
    kept_jobs out{*probe, time_from(head->substr(0, 8)), {}};
    for (auto left = get_number(head->substr(12)); left > 0; --left) {
        auto const body = take_record(file);
        auto job = body ? proto::decode_job(*body) : result<proto::job>(errc::malformed);
        if (!job) return errc::malformed;
        out.jobs.push_back(std::move(*job));
    }
    if (!file.empty()) return errc::malformed;
    return out;
}

std::string encode_kept(done_list const& value)
{
    auto const text = value.encode();
    return text.empty() ? text : frame_record(text);
}

result<done_list> decode_kept_done(std::string_view file)
{
    if (file.empty()) return done_list();
    auto const body = take_record(file);
    if (!body || !file.empty()) return errc::malformed;
    return done_list::decode(*body);
}

std::string encode_kept(kept_day const& value)
{
    auto body = octets_of(value.at);
    put_account(body, value.used);
    if (value.latest.day > value.used.day) put_account(body, value.latest);  // seldom: earlier releases do not know it
    return frame_record(body);
}

result<kept_day> decode_kept_day(std::string_view file)
{
    auto const body = take_record(file);
    bool const with_latest = body && body->size() == 40;
    if (!body || (body->size() != 24 && !with_latest) || !file.empty()) return errc::malformed;
    kept_day out{account_from(body->substr(8)), time_from(body->substr(0, 8))};
    if (with_latest) out.latest = account_from(body->substr(24));
    return out;
}

std::string encode_kept(proto::cap_limits const& value)
{
    return frame_record(proto::encode(proto::from_controller(value)));
}

result<proto::cap_limits> decode_kept_limits(std::string_view file)
{
    auto const body = take_record(file);
    if (!body || !file.empty()) return errc::malformed;
    auto message = proto::decode_from_controller(*body);
    auto* const limits = message ? std::get_if<proto::cap_limits>(&*message) : nullptr;
    if (!limits) return errc::malformed;
    return std::move(*limits);
}

std::string encode_kept(kept_anchors const& value)
{
    std::string head;
    put_number(head, value.version, 8);
    return frame_record(head + value.keys) + value.octets;
}

result<kept_anchors> decode_kept_anchors(std::string_view file)
{
    auto const head = take_record(file);
    if (!head || head->size() < 8) return errc::malformed;
    return kept_anchors{get_number(head->substr(0, 8)), std::string(head->substr(8)), std::string(file)};
}

/// The length of the whole text, then the text in records.
std::string encode_kept(proto::block_list const& value)
{
    auto const text = proto::encode_blocks(value);
    std::string head;
    put_number(head, text.size(), 8);
    auto out = frame_record(head);
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(octets_in_record, rest.size())))
        out += frame_record(rest.substr(0, octets_in_record));
    return out;
}

result<proto::block_list> decode_kept_blocks(std::string_view file)
{
    auto const head = take_record(file);
    if (!head || head->size() != 8) return errc::malformed;
    std::string text;
    while (!file.empty()) {
        auto const part = take_record(file);
        if (!part) return errc::malformed;
        text += *part;
    }
    if (text.size() != get_number(*head)) return errc::malformed;
    return proto::decode_blocks(text);
}

std::optional<kept_assignment> kept_files::assignment() const
{
    return read_kept(folder_ / "assignment", decode_kept_assignment);
}

std::optional<kept_jobs> kept_files::jobs() const
{
    return read_kept(folder_ / "jobs", decode_kept_jobs);
}

done_list kept_files::done() const
{
    return read_kept(folder_ / "one-offs", decode_kept_done).value_or(done_list());
}

kept_day kept_files::day() const
{
    return read_kept(folder_ / "day", decode_kept_day).value_or(kept_day());
}

proto::cap_limits kept_files::platform_limits() const
{
    return read_kept(folder_ / "platform-caps", decode_kept_limits).value_or(proto::cap_limits());
}

std::optional<kept_anchors> kept_files::anchors() const
{
    return read_kept(folder_ / "anchors", decode_kept_anchors);
}

result<proto::block_list> kept_files::blocks() const
{
    auto const file = read_file(folder_ / "blocks", largest);
    if (!file) return file.error();
    return decode_kept_blocks(*file);
}

result<void> kept_files::keep(kept_assignment const& value) const
{
    return write_atomically(folder_ / "assignment", encode_kept(value), private_file);
}

result<void> kept_files::keep(kept_jobs const& value) const
{
    return write_atomically(folder_ / "jobs", encode_kept(value), private_file);
}

result<void> kept_files::keep(done_list const& value) const
{
    return write_atomically(folder_ / "one-offs", encode_kept(value), private_file);
}

result<void> kept_files::keep(kept_day const& value) const
{
    return write_atomically(folder_ / "day", encode_kept(value), private_file);
}

result<void> kept_files::keep(proto::cap_limits const& value) const
{
    return write_atomically(folder_ / "platform-caps", encode_kept(value), private_file);
}

result<void> kept_files::keep(kept_anchors const& value) const
{
    return write_atomically(folder_ / "anchors", encode_kept(value), private_file);
}

result<void> kept_files::keep(proto::block_list const& value) const
{
    return write_atomically(folder_ / "blocks", encode_kept(value), private_file);
}

result<std::uint32_t> kept_files::next_boot() const
{
    auto const path = folder_ / "boot";
    std::uint32_t last = 0;
    auto const file = read_file(path, largest_boot_file);
    if (file) {
        auto const* const end = file->data() + file->size();
        auto const [stopped, error] = std::from_chars(file->data(), end, last);
        if (error != std::errc{} || stopped == file->data() || last == UINT32_MAX) return errc::malformed;
    } else if (file.error() != boost::system::errc::no_such_file_or_directory) {
        return file.error();
    }
    auto const written = write_atomically(path, std::to_string(last + 1) + '\n', private_file);
    if (!written) return written.error();
    return last + 1;
}

}  // namespace tp::probe
