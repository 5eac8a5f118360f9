#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/results/text.hpp"

namespace tp::api {

class json_array;

/// Writes one JSON object as text, compact, and ends it when it goes. A member that is itself an object or an array
/// must have gone before the next one is begun.
class json_object {
public:
    explicit json_object(std::string& out) : out_(out) { out_.push_back('{'); }
    json_object(json_object const&) = delete;
    json_object& operator=(json_object const&) = delete;
    ~json_object() { out_.push_back('}'); }

    void text(std::string_view name, std::string_view value) { append_string(begin(name), value); }
    void number(std::string_view name, std::int64_t value) { append_number(begin(name), value); }
    void real(std::string_view name, double value) { append_real(begin(name), value); }
    void milliseconds(std::string_view name, std::chrono::nanoseconds value)
    {
        append_milliseconds(begin(name), value);
    }
    void seconds(std::string_view name, std::chrono::nanoseconds value) { append_seconds(begin(name), value); }
    void flag(std::string_view name, bool value) { begin(name) += value ? "true" : "false"; }
    void null(std::string_view name) { begin(name) += "null"; }
    json_object object(std::string_view name) { return json_object(begin(name)); }
    json_array array(std::string_view name);

    /// Where the value is to be written.
    std::string& begin(std::string_view name)
    {
        if (!first_) out_.push_back(',');
        first_ = false;
        out_.push_back('"');
        out_.append(name).append("\":");
        return out_;
    }

private:
    std::string& out_;
    bool first_ = true;
};

class json_array {
public:
    explicit json_array(std::string& out) : out_(out) { out_.push_back('['); }
    json_array(json_array const&) = delete;
    json_array& operator=(json_array const&) = delete;
    ~json_array() { out_.push_back(']'); }

    void text(std::string_view value) { append_string(begin(), value); }
    json_object object() { return json_object(begin()); }

    std::string& begin()
    {
        if (!first_) out_.push_back(',');
        first_ = false;
        return out_;
    }

private:
    std::string& out_;
    bool first_ = true;
};

inline json_array json_object::array(std::string_view name)
{
    return json_array(begin(name));
}

}  // namespace tp::api
