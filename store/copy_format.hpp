#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tp::store {

/// Rows in PostgreSQL's binary COPY format. Source: PostgreSQL 15 manual, COPY, "Binary Format".
class copy_rows {
public:
    copy_rows();
    void begin_row(std::int16_t columns);
    void add(std::int16_t value);
    void add(std::int32_t value);
    void add(std::int64_t value);
    void add_octets(std::string_view value);
    /// A timestamptz from microseconds since 1970.
    void add_time(std::int64_t microseconds);
    /// Ends the data, and hands it over.
    std::string finish();

private:
    template <class T>
    void number(T value);
    std::string out_;
};

}  // namespace tp::store
