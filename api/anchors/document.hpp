#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/errors.hpp"
#include "base/time.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "store/documents.hpp"

namespace tp::api {

/// A document that may be published.
struct believed_list {
    store::signed_octets document;
    std::vector<store::anchor_entry> entries;
};
/// Judges a signed list of anchors. The problem says why it is not to be published.
/// @param published  the version of the list that is; 0: none yet.
checked<believed_list> judge_anchor_document(std::string octets, signing::trusted_keys const& trusted, wall_time now,
                                             std::uint64_t published);

}  // namespace tp::api
