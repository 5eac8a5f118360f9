#include "probe/measure/dns/stream_answer.hpp"

#include <algorithm>

#include "probe/measure/dns/answer.hpp"
#include "probe/measure/dns/findings.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t length_octets = 2;

std::size_t announced(std::string_view got)
{
    return static_cast<std::size_t>(static_cast<std::uint8_t>(got[0]) << 8 | static_cast<std::uint8_t>(got[1]));
}

}  // namespace

std::string framed(std::string_view message)
{
    std::string out{static_cast<char>(message.size() >> 8 & 0xff), static_cast<char>(message.size() & 0xff)};
    return out.append(message);
}

stream_answer::state stream_answer::add(std::string_view octets)
{
    auto const take = [&](std::size_t whole) {
        auto const count = std::min(whole - std::min(whole, got_.size()), octets.size());
        got_.append(octets.substr(0, count));
        octets.remove_prefix(count);
    };
    if (!error_name_.empty()) return state::broken;
    take(length_octets);
    if (got_.size() < length_octets) return state::partial;
    auto const length = announced(got_);
    if (length < dns_head_length) {
        error_name_ = "TCPREADSIZE";
        error_text_ = "reply too small, got " + std::to_string(length);
        return state::broken;
    }
    take(length_octets + length);
    return got_.size() == length_octets + length ? state::whole : state::partial;
}

void stream_answer::cut_short(error_code why)
{
    if (got_.size() == 1 && why == errc::closed) {
        error_name_ = "TCPREAD";
        error_text_ = "expected 2 bytes and got 1";
        return;
    }
    error_name_ = "TU_READ_ERR";
    error_text_ = why.message();
    if (got_.size() >= length_octets)
        error_text_ += ", after " + std::to_string(got_.size() - length_octets) + " of " +
                       std::to_string(announced(got_)) + " octets";
}

std::span<std::uint8_t const> stream_answer::message() const noexcept
{
    if (got_.size() < length_octets) return {};
    return {reinterpret_cast<std::uint8_t const*>(got_.data()) + length_octets, got_.size() - length_octets};
}

void put_stream_answer(proto::dns_exchange& to, std::span<std::uint8_t const> message, std::uint16_t id,
                       proto::dns_options const& options)
{
    auto const got = message_id(message);
    if (got != id) {
        put_error(to, "idmismatch", "expected " + std::to_string(id) + ", got " + std::to_string(got.value_or(0)));
        return;
    }
    put_answer(to, message, options);
}

}  // namespace tp::probe
