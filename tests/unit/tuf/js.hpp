#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// JSON for the tests, written without a line of the code that they test: a tree that can be bent at will.
namespace tp::tuf::test {

struct js {
    using array = std::vector<js>;
    using object = std::map<std::string, js>;
    std::variant<std::nullptr_t, bool, std::int64_t, std::string, array, object> held = nullptr;

    js() = default;
    js(bool value) : held(value) {}
    js(int value) : held(std::int64_t{value}) {}
    js(std::int64_t value) : held(value) {}
    js(std::uint64_t value) : held(static_cast<std::int64_t>(value)) {}
    js(char const* value) : held(std::string(value)) {}
    js(std::string value) : held(std::move(value)) {}
    js(array value) : held(std::move(value)) {}
    js(object value) : held(std::move(value)) {}

    js& operator[](std::string const& name) { return as_object()[name]; }
    object& as_object()
    {
        if (!std::holds_alternative<object>(held)) held = object();
        return std::get<object>(held);
    }
    array& as_array()
    {
        if (!std::holds_alternative<array>(held)) held = array();
        return std::get<array>(held);
    }
    std::int64_t number() const { return std::get<std::int64_t>(held); }
    void erase(std::string const& name) { as_object().erase(name); }
};

/// The form that is signed, and one with blanks and needless escapes, as a server may send it.
std::string canonical(js const& value);
std::string written(js const& value);

}  // namespace tp::tuf::test
