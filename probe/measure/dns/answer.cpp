#include "probe/measure/dns/answer.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

using octets = std::span<std::uint8_t const>;

constexpr unsigned opt_type = 41, cookie_code = 10;

/// Reads forward through a message. What lies beyond its end makes it fail for good.
class reader {
public:
    explicit reader(octets all) : left_(all) {}

    unsigned number16() noexcept
    {
        auto const two = take(2);
        return two.empty() ? 0 : static_cast<unsigned>(two[0] << 8 | two[1]);
    }
    octets take(std::size_t count) noexcept
    {
        if (count > left_.size()) {
            failed_ = true;
            left_ = {};
            return {};
        }
        auto const out = left_.first(count);
        left_ = left_.subspan(count);
        return out;
    }
    /// Passes over a name; true if it is the root's. A pointer ends it and is not followed.
    bool name() noexcept
    {
        constexpr unsigned longest_label = 63, pointer = 0xc0;
        for (bool first = true;; first = false) {
            auto const length = take(1);
            if (length.empty()) return false;
            if (length[0] == 0) return first;
            if (length[0] >= pointer) return take(1), false;
            if (length[0] > longest_label) return failed_ = true, false;
            take(length[0]);
        }
    }
    bool failed() const noexcept { return failed_; }
    bool empty() const noexcept { return left_.empty(); }
    std::size_t left() const noexcept { return left_.size(); }

private:
    octets left_;
    bool failed_ = false;
};

void pass_questions(reader& in, unsigned count) noexcept
{
    for (unsigned i = 0; i < count && !in.failed(); ++i) {
        in.name();
        in.take(4);  // type, class
    }
}

/// The data of the first OPT record.
std::optional<octets> options_in(octets message) noexcept
{
    reader in(message);
    in.take(4);  // id, flags
    unsigned const questions = in.number16();
    unsigned records = in.number16();
    records += in.number16();
    records += in.number16();
    pass_questions(in, questions);
    for (unsigned i = 0; i < records && !in.failed(); ++i) {
        bool const root = in.name();
        bool const opt = in.number16() == opt_type;
        in.take(6);  // class, time to live
        auto const data = in.take(in.number16());
        if (root && opt && !in.failed()) return data;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::uint16_t> message_id(octets message) noexcept
{
    if (message.size() < dns_head_length) return std::nullopt;
    return static_cast<std::uint16_t>(message[0] << 8 | message[1]);
}

std::optional<octets> cookie_in(octets message) noexcept
{
    auto const options = options_in(message);
    if (!options) return std::nullopt;
    for (reader in(*options); !in.empty();) {
        bool const cookie = in.number16() == cookie_code;
        auto const value = in.take(in.number16());
        if (in.failed()) return std::nullopt;
        if (cookie) return value;
    }
    return std::nullopt;
}

bool has_another_cookie(octets message, dns_cookie const& sent) noexcept
{
    auto const got = cookie_in(message);
    if (!got) return false;
    return got->size() < sent.size() || !std::equal(sent.begin(), sent.end(), got->begin());
}

std::size_t front_of_answer(octets message, std::size_t most) noexcept
{
    constexpr unsigned told_answers = 2, soa_type = 6, txt_type = 16;
    auto const limit = std::min(message.size(), most);
    auto out = std::min(limit, dns_head_length);
    reader in(message.first(limit));
    in.take(4);  // id, flags
    unsigned const questions = in.number16();
    unsigned const answers = in.number16();
    in.take(4);  // the other counts
    pass_questions(in, questions);
    for (unsigned i = 0; i < std::min(answers, told_answers) && !in.failed(); ++i) {
        in.name();
        unsigned const type = in.number16();
        in.take(6);  // class, time to live
        in.take(in.number16());
        if (!in.failed() && (type == soa_type || type == txt_type)) out = limit - in.left();
    }
    return out;
}

}  // namespace tp::probe
