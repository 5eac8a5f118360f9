#include "base/frame.hpp"

#include <algorithm>

namespace tp {

std::array<char, frame_header_size> frame_header(std::uint32_t length) noexcept
{
    return {static_cast<char>(length >> 24), static_cast<char>(length >> 16), static_cast<char>(length >> 8),
            static_cast<char>(length)};
}

std::string encode_frame(std::string_view body)
{
    auto const header = frame_header(static_cast<std::uint32_t>(body.size()));
    std::string out;
    out.reserve(header.size() + body.size());
    out.append(header.data(), header.size());
    out.append(body);
    return out;
}

result<void> frame_reader::feed(std::string_view octets)
{
    while (!too_large_ && !octets.empty()) {
        bool const header_missing = header_filled_ < header_.size();
        octets.remove_prefix(header_missing ? feed_header(octets) : feed_body(octets));
    }
    if (too_large_) return errc::too_large;
    return {};
}

std::size_t frame_reader::feed_header(std::string_view octets)
{
    auto const used = std::min(octets.size(), header_.size() - header_filled_);
    for (auto const octet : octets.substr(0, used)) header_[header_filled_++] = static_cast<unsigned char>(octet);
    if (header_filled_ < header_.size()) return used;

    length_ = 0;
    for (auto const octet : header_) length_ = length_ << 8 | octet;
    too_large_ = length_ > largest_;
    if (!too_large_) feed_body({});  // an empty frame is whole already
    return used;
}

std::size_t frame_reader::feed_body(std::string_view octets)
{
    auto const used = std::min(octets.size(), length_ - body_.size());
    body_.append(octets.substr(0, used));
    if (body_.size() < length_) return used;

    waiting_ += body_.size();
    ready_.push_back(std::move(body_));
    body_ = {};
    header_filled_ = 0;
    return used;
}

std::optional<std::string> frame_reader::take()
{
    if (ready_.empty()) return std::nullopt;
    std::optional<std::string> out(std::move(ready_.front()));
    ready_.pop_front();
    waiting_ -= out->size();
    if (ready_.empty()) ready_.shrink_to_fit();
    return out;
}

void frame_reader::clear() noexcept
{
    ready_ = {};
    body_ = {};
    waiting_ = 0;
    header_filled_ = 0;
}

}  // namespace tp
