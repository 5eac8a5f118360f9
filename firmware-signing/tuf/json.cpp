#include "firmware-signing/tuf/json.hpp"

#include <algorithm>
#include <charconv>

namespace tp::tuf::json {
namespace {

using named = std::pair<std::string_view, value>;

void write_string(std::string_view text, std::string& to)
{
    to += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') to += '\\';
        to += c;
    }
    to += '"';
}

}  // namespace

kind value::type() const noexcept
{
    return in_->nodes_[at_].type;
}

std::optional<std::string_view> value::text() const noexcept
{
    if (type() != kind::string) return std::nullopt;
    return in_->text_of(at_);
}

std::optional<std::int64_t> value::integer() const noexcept
{
    if (type() != kind::integer) return std::nullopt;
    auto const digits = in_->text_of(at_);
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);  // it fits: the reader saw to it
    return number;
}

std::optional<bool> value::boolean() const noexcept
{
    if (type() != kind::boolean) return std::nullopt;
    return in_->text_of(at_) == "true";
}

std::vector<value> value::items() const
{
    std::vector<value> out;
    if (type() != kind::array) return out;
    for (auto at = at_ + 1; at < in_->nodes_[at_].after; at = in_->nodes_[at].after) out.emplace_back(*in_, at);
    return out;
}

std::vector<named> value::members() const
{
    std::vector<named> out;
    if (type() != kind::object) return out;
    for (auto at = at_ + 1; at < in_->nodes_[at_].after; at = in_->nodes_[at + 1].after)
        out.emplace_back(in_->text_of(at), value(*in_, at + 1));
    return out;
}

std::optional<value> value::member(std::string_view name) const noexcept
{
    if (type() != kind::object) return std::nullopt;
    for (auto at = at_ + 1; at < in_->nodes_[at_].after; at = in_->nodes_[at + 1].after)
        if (in_->text_of(at) == name) return value(*in_, at + 1);
    return std::nullopt;
}

std::string value::canonical() const
{
    std::string out;
    write(out);
    return out;
}

void value::write(std::string& to) const
{
    if (type() == kind::object) return write_members(to);
    if (type() == kind::string) return write_string(in_->text_of(at_), to);
    if (type() != kind::array) {
        to += in_->text_of(at_);
        return;
    }
    to += '[';
    for (auto at = at_ + 1; at < in_->nodes_[at_].after; at = in_->nodes_[at].after) {
        if (at != at_ + 1) to += ',';
        value(*in_, at).write(to);
    }
    to += ']';
}

void value::write_members(std::string& to) const
{
    auto sorted = members();
    std::sort(sorted.begin(), sorted.end(),
              [](named const& one, named const& other) { return one.first < other.first; });
    to += '{';
    for (auto const& each : sorted) {
        if (&each != &sorted.front()) to += ',';
        write_string(each.first, to);
        to += ':';
        each.second.write(to);
    }
    to += '}';
}

}  // namespace tp::tuf::json
