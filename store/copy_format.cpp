#include "store/copy_format.hpp"

#include <utility>

namespace tp::store {
namespace {

constexpr std::int64_t epoch_2000 = 946'684'800'000'000;  // where timestamptz counts from, microseconds since 1970

}  // namespace

template <class T>
void copy_rows::number(T value)
{
    auto const bits = static_cast<std::make_unsigned_t<T>>(value);
    for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
        out_.push_back(static_cast<char>((bits >> shift) & 0xff));
    }
}

copy_rows::copy_rows() : out_("PGCOPY\n\377\r\n\0", 11)
{
    number(std::int32_t{0});  // flags
    number(std::int32_t{0});  // length of the header's extension
}

void copy_rows::begin_row(std::int16_t columns)
{
    number(columns);
}

void copy_rows::add(std::int16_t value)
{
    number(std::int32_t{2});
    number(value);
}

void copy_rows::add(std::int32_t value)
{
    number(std::int32_t{4});
    number(value);
}

void copy_rows::add(std::int64_t value)
{
    number(std::int32_t{8});
    number(value);
}

void copy_rows::add_octets(std::string_view value)
{
    number(static_cast<std::int32_t>(value.size()));
    out_.append(value);
}

void copy_rows::add_time(std::int64_t microseconds)
{
    add(microseconds - epoch_2000);
}

std::string copy_rows::finish()
{
    number(std::int16_t{-1});
    return std::move(out_);
}

}  // namespace tp::store
