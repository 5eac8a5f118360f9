#include "api/results/dns_message.hpp"

#include <algorithm>

namespace tp::api {
namespace {

constexpr std::size_t head_octets = 12;    // RFC 1035, section 4.1.1
constexpr std::size_t longest_name = 255;  // octets on the wire, section 2.3.4
constexpr unsigned most_answers = 2;
constexpr std::uint16_t type_soa = 6, type_txt = 16;

/// Reads forward; once something is missing or malformed, everything after it is empty.
class reader {
public:
    reader(std::string_view message, std::size_t at) : message_(message), at_(at) {}

    bool good() const noexcept { return good_; }
    std::size_t at() const noexcept { return at_; }

    std::uint32_t number(std::size_t octets)
    {
        std::uint32_t out = 0;
        for (char const c : take(octets)) out = out << 8U | static_cast<unsigned char>(c);
        return out;
    }
    std::string_view take(std::size_t octets)
    {
        if (!good_ || octets > message_.size() - at_) return fail();
        at_ += octets;
        return message_.substr(at_ - octets, octets);
    }
    std::string name();

private:
    std::string_view fail() noexcept
    {
        good_ = false;
        return {};
    }
    std::optional<std::size_t> pointer(unsigned first, std::size_t before);

    std::string_view message_;
    std::size_t at_;
    bool good_ = true;
};

/// RFC 4343, section 2.1.
void append_label(std::string& out, std::string_view label)
{
    if (!out.empty()) out.push_back('.');
    for (char const c : label) {
        if (c == '.' || c == '\\') out.push_back('\\');
        if (c > ' ' && c < '\x7F') {
            out.push_back(c);
            continue;
        }
        auto const octet = static_cast<unsigned char>(c);
        out.push_back('\\');
        for (unsigned const digit : {octet / 100U, octet / 10U % 10U, octet % 10U})
            out.push_back(static_cast<char>('0' + digit));
    }
}

/// Where a compressed name goes on: always before `before`, so that every name ends.
std::optional<std::size_t> reader::pointer(unsigned first, std::size_t before)
{
    auto const target = (first & 0x3FU) << 8U | number(1);
    if (!good_ || target >= before) return std::nullopt;
    return target;
}

std::string reader::name()
{
    std::string out;
    std::size_t octets = 0, after = 0;  // `after`: where the message goes on, once a pointer was followed
    for (std::size_t start = at_; good_;) {
        auto const length = number(1);
        if (length >= 0xC0) {
            auto const target = pointer(length, start);
            if (after == 0) after = at_;
            if (target) {
                start = at_ = *target;
            } else {
                fail();
            }
            continue;
        }
        octets += length + 1;
        if (length > 63 || octets > longest_name) fail();
        if (length == 0) break;
        append_label(out, take(length));
    }
    if (after != 0) at_ = after;
    return good_ ? out : std::string();
}

dns_txt read_txt(std::string_view data)
{
    dns_txt out;
    for (reader in(data, 0); in.at() < data.size();) {
        auto const text = in.take(in.number(1));
        if (!in.good()) break;
        out.texts.emplace_back(text);
    }
    return out;
}

/// Reads one answer; none if it is of another type.
std::optional<dns_answer> read_answer(std::string_view message, reader& in)
{
    dns_answer out;
    out.name = in.name();
    auto const type = in.number(2);
    in.number(2);  // the class
    out.ttl = in.number(4);
    auto const size = in.number(2);
    reader inside(message, in.at());
    auto const data = in.take(size);
    if (!in.good()) return std::nullopt;
    if (type == type_txt) {
        out.data = read_txt(data);
        return out;
    }
    if (type != type_soa) return std::nullopt;
    dns_soa soa{inside.name(), inside.name(), inside.number(4)};
    if (!inside.good() || inside.at() > in.at()) return std::nullopt;
    out.data = std::move(soa);
    return out;
}

}  // namespace

std::optional<dns_head> parse_dns_head(std::string_view message)
{
    if (message.size() < head_octets) return std::nullopt;
    reader in(message, 0);
    auto const next = [&] { return static_cast<std::uint16_t>(in.number(2)); };
    dns_head out;
    out.id = next();
    next();  // the flags
    out.questions = next();
    out.answers = next();
    out.authorities = next();
    out.additional = next();
    return out;
}

std::vector<dns_answer> parse_dns_answers(std::string_view message)
{
    auto const head = parse_dns_head(message);
    if (!head) return {};
    reader in(message, head_octets);
    for (unsigned i = 0; i < head->questions && in.good(); ++i) {
        in.name();
        in.number(4);  // type and class
    }
    std::vector<dns_answer> out;
    for (unsigned i = 0; i < std::min<unsigned>(head->answers, most_answers) && in.good(); ++i) {
        if (auto one = read_answer(message, in)) out.push_back(std::move(*one));
    }
    return out;
}

}  // namespace tp::api
