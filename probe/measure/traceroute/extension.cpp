#include "probe/measure/traceroute/extension.hpp"

#include "probe/measure/traceroute/octets.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t structure_header = 4, object_header = 4, label_octets = 4;
constexpr unsigned version_2 = 2;

bool is_labels(proto::icmp_object const& object) noexcept
{
    return object.object_class == 1 && object.type == 1;  // RFC 4950, section 3
}

void read_labels(octets_view payload, proto::icmp_object& into)
{
    constexpr std::uint32_t experimental = 7;
    while (payload.size() >= label_octets && into.labels.size() < proto::icmp_object::most_labels) {
        auto const entry = get32(payload, 0);  // RFC 3032: label 20 bits, experimental 3, bottom 1, TTL 8
        into.labels.push_back({.label = entry >> 12,
                               .experimental = entry >> 9 & experimental,
                               .bottom = (entry >> 8 & 1) != 0,
                               .ttl = entry & 0xff});
        payload = payload.subspan(label_octets);
    }
}

}  // namespace

std::optional<proto::icmp_extension> read_extension(octets_view structure, bool announced)
{
    if (structure.size() < structure_header) return std::nullopt;
    proto::icmp_extension out{.version = unsigned{structure[0]} >> 4U, .rfc4884 = announced, .objects = {}};
    bool const has_checksum = get16(structure, 2) != 0;
    word_sum sum;
    sum.add(structure);
    if (has_checksum && sum.checksum() != 0) return std::nullopt;
    if (!has_checksum && (!announced || out.version != version_2)) return std::nullopt;
    auto rest = structure.subspan(structure_header);
    while (rest.size() >= object_header && out.objects.size() < proto::icmp_extension::most_objects) {
        std::size_t const length = get16(rest, 0);
        if (length < object_header || length > rest.size()) break;
        auto& object =
            out.objects.emplace_back(proto::icmp_object{.object_class = rest[2], .type = rest[3], .labels = {}});
        if (is_labels(object)) read_labels(rest.subspan(object_header, length - object_header), object);
        rest = rest.subspan(length);
    }
    return out;
}

error_parts split_error(octets_view body, std::size_t quote_length)
{
    constexpr std::size_t usual_quote = 128;  // RFC 4884, section 5.5
    bool const announced = quote_length != 0;
    auto const at = announced ? quote_length : usual_quote;
    if (body.size() <= at) return {body, {}};
    auto extension = read_extension(body.subspan(at), announced);
    if (!extension && !announced) return {body, {}};
    return {body.first(at), std::move(extension)};
}

}  // namespace tp::probe
