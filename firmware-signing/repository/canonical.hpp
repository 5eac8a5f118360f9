#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The writing of what `tuf/json.hpp` reads: OLPC's canonical JSON, in which metadata is signed and kept. Texts must be
/// plain (signing::is_plain_text), as all that we write are: then the canonical form is JSON, too.
namespace tp::repository {

std::string canonical_text(std::string_view text);
/// @param items  each in canonical form.
std::string canonical_array(std::vector<std::string> const& items);
std::string canonical_texts(std::vector<std::string> const& texts);

/// An object, member by member, in any order. @pre no name comes twice.
class canonical_object {
public:
    canonical_object& text(std::string name, std::string_view value);
    canonical_object& number(std::string name, std::uint64_t value);
    canonical_object& flag(std::string name, bool value);
    /// @param value  in canonical form.
    canonical_object& put(std::string name, std::string value);
    std::string str() const;

private:
    std::map<std::string, std::string> members_;
};

}  // namespace tp::repository
