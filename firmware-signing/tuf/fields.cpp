#include "firmware-signing/tuf/fields.hpp"

#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {

result<std::string_view> text_field(json::value of, std::string_view name)
{
    auto const held = of.member(name);
    if (!held || !held->text()) return refusal::malformed;
    return *held->text();
}

result<std::uint64_t> number_field(json::value of, std::string_view name, std::int64_t least)
{
    auto const held = of.member(name);
    if (!held || !held->integer() || *held->integer() < least) return refusal::malformed;
    return static_cast<std::uint64_t>(*held->integer());
}

result<std::vector<std::string_view>> texts_field(json::value of, std::string_view name)
{
    auto const held = of.member(name);
    if (!held || held->type() != json::kind::array) return refusal::malformed;
    std::vector<std::string_view> out;
    for (auto const& each : held->items()) {
        if (!each.text()) return refusal::malformed;
        out.push_back(*each.text());
    }
    return out;
}

}  // namespace tp::tuf
