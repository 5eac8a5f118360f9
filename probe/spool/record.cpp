#include "probe/spool/record.hpp"

#include "probe/spool/crc32c.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t result_head = 4 + 8 + 8 + 2;

}  // namespace

void put_number(std::string& out, std::uint64_t value, unsigned octets)
{
    for (unsigned i = octets; i-- > 0;) out += static_cast<char>(value >> (8 * i));
}

std::uint64_t get_number(std::string_view octets)
{
    std::uint64_t value = 0;
    for (char const c : octets) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::string frame_record(std::string_view body)
{
    std::string out;
    out.reserve(record_head + body.size());
    put_number(out, body.size(), 4);
    put_number(out, crc32c(body), 4);
    return out.append(body);
}

framed read_record(std::string_view octets)
{
    if (octets.size() < record_head) return {};
    auto const length = get_number(octets.substr(0, 4));
    // No record is empty: a run of zeros, as a file system leaves it after a power cut, is none.
    if (length == 0 || length > largest_record) return {framed::kind::damaged, {}, 0};
    if (octets.size() - record_head < length) return {};
    auto const body = octets.substr(record_head, static_cast<std::size_t>(length));
    if (crc32c(body) != get_number(octets.substr(4, 4))) return {framed::kind::damaged, {}, 0};
    return {framed::kind::whole, body, record_head + body.size()};
}

std::string encode_result(proto::result_item const& item)
{
    std::string out;
    out.reserve(result_head + item.report.size());
    put_number(out, static_cast<std::uint32_t>(item.measurement.value()), 4);
    put_number(out, static_cast<std::uint64_t>(item.timestamp.time_since_epoch().count()), 8);
    put_number(out, item.sequence, 8);
    put_number(out, static_cast<std::uint16_t>(item.kind), 2);
    return out.append(item.report);
}

std::optional<proto::result_item> decode_result(std::string_view body)
{
    if (body.size() < result_head || body.size() > result_head + proto::largest_report) return std::nullopt;
    auto const measurement = measurement_id::from(static_cast<std::int64_t>(get_number(body.substr(0, 4))));
    if (!measurement) return std::nullopt;
    auto const kind = static_cast<proto::result_kind>(get_number(body.substr(20, 2)));
    if (kind < proto::result_kind::ping)
        return std::nullopt;  // later ones may be a newer release's, before a roll-back
    wall_time const at{std::chrono::nanoseconds(static_cast<std::int64_t>(get_number(body.substr(4, 8))))};
    return proto::result_item{*measurement, at, get_number(body.substr(12, 8)), kind,
                              std::string(body.substr(result_head))};
}

}  // namespace tp::probe
