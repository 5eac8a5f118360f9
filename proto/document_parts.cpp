#include "proto/document_parts.hpp"

namespace tp::proto {

std::vector<document_part> parts_of(std::string_view name, std::string_view octets)
{
    std::vector<document_part> out;
    do {
        out.push_back({.name = std::string(name), .octets = std::string(octets.substr(0, document_part::usual))});
        octets.remove_prefix(out.back().octets.size());
    } while (!octets.empty());
    out.front().first = true;
    out.back().last = true;
    return out;
}

std::optional<result<std::string>> document_joiner::take(document_part const& part)
{
    if (part.name != name_) return std::nullopt;
    if (part.first) {
        clear();
        is_ = state::joining;
        // At once, for an octet that is not used costs no memory, and a string that grows costs twice.
        if (!part.last) joined_.reserve(document_part::largest_document);
    }
    if (is_ == state::broken) return std::nullopt;
    if (is_ == state::nothing) return give_up(errc::malformed);
    if (part.octets.size() > document_part::largest_document - joined_.size()) return give_up(errc::too_large);
    joined_ += part.octets;
    if (!part.last) return std::nullopt;
    auto whole = std::move(joined_);
    clear();
    return whole;
}

void document_joiner::clear()
{
    joined_ = {};
    is_ = state::nothing;
}

result<std::string> document_joiner::give_up(errc why)
{
    clear();
    is_ = state::broken;
    return why;
}

}  // namespace tp::proto
