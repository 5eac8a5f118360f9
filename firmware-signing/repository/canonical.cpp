#include "firmware-signing/repository/canonical.hpp"

namespace tp::repository {

std::string canonical_text(std::string_view text)
{
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

std::string canonical_array(std::vector<std::string> const& items)
{
    std::string out = "[";
    for (auto const& each : items) (out += out.size() > 1 ? "," : "") += each;
    return out += ']';
}

std::string canonical_texts(std::vector<std::string> const& texts)
{
    std::vector<std::string> items;
    for (auto const& each : texts) items.push_back(canonical_text(each));
    return canonical_array(items);
}

canonical_object& canonical_object::text(std::string name, std::string_view value)
{
    return put(std::move(name), canonical_text(value));
}

canonical_object& canonical_object::number(std::string name, std::uint64_t value)
{
    return put(std::move(name), std::to_string(value));
}

canonical_object& canonical_object::flag(std::string name, bool value)
{
    return put(std::move(name), value ? "true" : "false");
}

canonical_object& canonical_object::put(std::string name, std::string value)
{
    members_.emplace(std::move(name), std::move(value));
    return *this;
}

std::string canonical_object::str() const
{
    std::string out = "{";
    for (auto const& [name, value] : members_)
        ((out += out.size() > 1 ? "," : "") += canonical_text(name)) += ':' + value;
    return out += '}';
}

}  // namespace tp::repository
