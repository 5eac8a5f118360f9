#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "firmware-signing/tuf/json.hpp"

struct evp_md_ctx_st;

namespace tp::tuf {

/// SHA-256 as lower-case hexadecimal digits.
std::string sha256_hex(std::string_view octets);

/// What signed metadata says of a file's octets: hashes as lower-case hexadecimal digits.
struct digests {
    std::optional<std::string> sha256, sha512;
    bool others = false;  // by algorithms that are not known here: what has them is never accepted

    /// Reads {"sha256": "...", ...}. Errors: refusal::malformed; also when there is none.
    static result<digests> read(json::value from);
    /// One of the hashes, as the names of files have it. Empty if none is known.
    std::string name() const { return sha256 ? *sha256 : sha512.value_or(std::string()); }
    bool operator==(digests const&) const = default;
};

/// Holds octets against a length and digests, as they come.
class octets_check {
public:
    octets_check(std::uint64_t length, digests expected);

    /// Errors: refusal::wrong_length as soon as there are more octets than there may be; refusal::unknown_hash.
    result<void> take(std::string_view octets);
    /// Whether that was all, and right. To be asked once. Errors: refusal::wrong_length, wrong_hash, unknown_hash.
    result<void> finish();
    std::uint64_t taken() const noexcept { return taken_; }

private:
    struct free_context {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    using context = std::unique_ptr<evp_md_ctx_st, free_context>;
    static context begin(char const* algorithm);

    std::uint64_t length_, taken_ = 0;
    digests expected_;
    context sha256_, sha512_;
};

}  // namespace tp::tuf
