#include "tests/unit/tuf/js.hpp"

namespace tp::tuf::test {
namespace {

struct style {
    std::string comma, colon;
    bool escapes;
};

void put(std::string const& text, style const& as, std::string& to)
{
    to += '"';
    for (char const c : text) {
        if (as.escapes && c == '\n')
            to += "\\n";
        else if (as.escapes && c == '/')
            to += "\\/";
        else if (as.escapes && c == 't')  // no hexadecimal digit: signatures are all of one length
            to += "\\u0074";
        else if (c == '"' || c == '\\')
            (to += '\\') += c;
        else
            to += c;
    }
    to += '"';
}

void put(js const& value, style const& as, std::string& to)
{
    std::string between;
    if (auto const* const yes = std::get_if<bool>(&value.held)) {
        to += *yes ? "true" : "false";
    } else if (auto const* const number = std::get_if<std::int64_t>(&value.held)) {
        to += std::to_string(*number);
    } else if (auto const* const text = std::get_if<std::string>(&value.held)) {
        put(*text, as, to);
    } else if (auto const* const items = std::get_if<js::array>(&value.held)) {
        to += '[';
        for (auto const& each : *items) {
            to += std::exchange(between, as.comma);
            put(each, as, to);
        }
        to += ']';
    } else if (auto const* const members = std::get_if<js::object>(&value.held)) {
        to += '{';
        for (auto const& [name, held] : *members) {  // a map: in order
            to += std::exchange(between, as.comma);
            put(name, as, to);
            to += as.colon;
            put(held, as, to);
        }
        to += '}';
    } else {
        to += "null";
    }
}

}  // namespace

std::string canonical(js const& value)
{
    std::string out;
    put(value, {",", ":", false}, out);
    return out;
}

std::string written(js const& value)
{
    std::string out;
    put(value, {",\n ", ": ", true}, out);
    return out + '\n';
}

}  // namespace tp::tuf::test
