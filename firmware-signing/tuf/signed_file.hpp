#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "firmware-signing/tuf/json.hpp"
#include "firmware-signing/tuf/key.hpp"

namespace tp::tuf {

/// Who may sign for a role, and how many of them must. The threshold can be beyond the number of keys: then nothing is
/// ever signed well enough.
struct signers {
    static constexpr std::size_t most = 64;  // keys of one role

    key_list keys;
    std::uint64_t threshold = 1;
};

/// A file of metadata as it came: {"signatures": [...], "signed": {...}}. Nothing in it is believed yet.
class signed_file {
public:
    static constexpr std::size_t most_signatures = 64;

    /// Errors: those of json::document::read(); refusal::malformed, too_large, repeated_signer.
    static result<signed_file> read(std::string_view octets);

    /// Whether so many different keys of the role signed this. Other signatures and wrong ones don't matter.
    /// Errors: refusal::too_few_signatures.
    result<void> require(signers const& role) const;
    /// What is signed. Valid as long as this lives, wherever it is moved.
    json::value content() const { return *content_; }

private:
    struct signature {
        std::string_view key_id;
        std::string octets;  // empty when what was written is no hexadecimal number
    };
    error_code take_signatures(json::value from);
    error_code take_signature(json::value from);

    std::unique_ptr<json::document> document_;
    std::optional<json::value> content_;
    std::string canonical_;  // of the content: what the signatures are of
    std::vector<signature> signatures_;
};

}  // namespace tp::tuf
