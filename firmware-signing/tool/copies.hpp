#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware-signing/held_key.hpp"
#include "firmware-signing/repository/prepare.hpp"

/// Copies of one document that several officers sign, each on a machine of their own.
namespace tp::signing::tool {

/// A document in a file, signed or not.
struct document_copy {
    std::string file;  // for complaints
    std::string_view octets;
};

struct made_copy {
    std::string octets;
    std::optional<std::string> complaint;
};
/// The document with the signatures of all copies. They must have the same octets signed, and no two of them a
/// different signature of one key. Signatures are not verified: whoever merges need not know the keys. @pre there is a
/// copy.
made_copy merge_copies(std::vector<document_copy> const& copies);

/// Likewise for drafts of metadata.
repository::prepared merge_drafts(std::vector<document_copy> const& copies);

/// The document with a signature of each key. Complains when one of them has signed it already.
made_copy add_signatures(document_copy const& document, std::span<held_key const> keys);

}  // namespace tp::signing::tool
