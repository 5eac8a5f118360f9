#include "registry/watch/dns_answer.hpp"

#include <algorithm>
#include <array>

namespace tp::registry {
namespace {

// RFC 1035, sections 2.3.4, 4.1.1 and 4.1.4.
constexpr unsigned response = 0x8000, truncation = 0x0200, code_bits = 0x000F, pointer_bits = 0xC0;
constexpr std::size_t longest_label = 63, longest_name = 255;
constexpr unsigned class_internet = 1;

/// Reads forward. What lies beyond the end makes it fail for good, and is empty.
class reader {
public:
    explicit reader(std::string_view message) : left_(message) {}

    bool good() const noexcept { return good_; }
    std::string_view take(std::size_t octets)
    {
        if (octets > left_.size()) good_ = false;
        if (!good_) return {};
        auto const out = left_.substr(0, octets);
        left_.remove_prefix(octets);
        return out;
    }
    unsigned number16()
    {
        unsigned out = 0;
        for (char const c : take(2)) out = out << 8U | static_cast<unsigned char>(c);
        return out;
    }
    /// A name, length octets included; a pointer ends it, and it is then empty.
    std::string name()
    {
        std::string out;
        while (good_) {
            auto const length = take(1);
            if (length.empty()) break;
            auto const octet = static_cast<unsigned char>(length[0]);
            if (octet >= pointer_bits) return take(1), std::string();
            auto const label = take(octet);
            out.append(length).append(label);
            if (octet > longest_label || out.size() > longest_name) good_ = false;
            if (octet == 0) break;
        }
        return good_ ? out : std::string();
    }

private:
    std::string_view left_;
    bool good_ = true;
};

template <class Address>
ip_address address_from(std::string_view octets)
{
    typename Address::bytes_type bytes;
    std::transform(octets.begin(), octets.end(), bytes.begin(), [](char c) { return static_cast<unsigned char>(c); });
    return Address(bytes);
}

void add_address(dns_answer& to, std::string_view octets)
{
    using namespace boost::asio::ip;
    if (octets.size() == std::tuple_size_v<address_v4::bytes_type>)
        to.addresses.push_back(address_from<address_v4>(octets));
    if (octets.size() == std::tuple_size_v<address_v6::bytes_type>)
        to.addresses.push_back(address_from<address_v6>(octets));
}

constexpr std::size_t octets_of(address_record type) noexcept
{
    return type == address_record::a ? 4 : 16;
}

/// False if a record of the type holds no address.
bool read_record(reader& in, address_record type, dns_answer& to)
{
    in.name();
    bool const wanted = in.number16() == static_cast<unsigned>(type);
    bool const internet = in.number16() == class_internet;
    in.take(4);  // time to live
    auto const data = in.take(in.number16());
    if (!in.good() || !wanted || !internet) return in.good();
    if (data.size() != octets_of(type)) return false;
    add_address(to, data);
    return true;
}

bool belongs_to_host(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::optional<dns_answer> read_dns_answer(std::string_view message, address_record type)
{
    reader in(message);
    in.take(2);  // id
    auto const flags = in.number16();
    auto const questions = in.number16(), answers = in.number16();
    in.take(4);  // other sections
    if (!in.good() || (flags & response) == 0 || questions > 1) return std::nullopt;
    dns_answer out{.code = flags & code_bits, .truncated = (flags & truncation) != 0};
    if (questions == 1) {
        out.question = in.name();
        in.take(4);  // type, class
        if (out.question.empty()) return std::nullopt;
    }
    for (unsigned i = 0; i < answers; ++i)
        if (!read_record(in, type, out)) return std::nullopt;
    return in.good() ? std::optional(std::move(out)) : std::nullopt;
}

std::string name_on_wire(std::string_view host)
{
    std::string out;
    while (!host.empty()) {
        auto const label = host.substr(0, host.find('.'));
        bool const last = label.size() == host.size();
        if (label.empty() || label.size() > longest_label || !std::all_of(label.begin(), label.end(), belongs_to_host))
            return {};
        host.remove_prefix(last ? label.size() : label.size() + 1);
        if (!last && host.empty()) return {};
        out.push_back(static_cast<char>(label.size()));
        out.append(label);
    }
    if (!out.empty()) out.push_back('\0');
    return out.size() > longest_name ? std::string() : out;
}

}  // namespace tp::registry
