#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ssh/keys.hpp"

/// The content of the signed document "factory": devices of one batch that were made, tested and are about to be
/// shipped.
///
///     batch 2026-11-a
///     device TP1-000123 AAAAC3NzaC1lZDI1... hw1 3 5e884898da28047151d0...
///
/// Serial number, public key (base64 as in authorized_keys), model, hardware revision, and the SHA-256 of the claim
/// code on its label. Serial numbers in ascending order; no key and no code twice.
namespace tp::signing {

inline constexpr std::string_view factory_name = "factory";  // of the signed document

struct listed_device {
    std::string serial;  // letters, digits, "." "_" "-"; as are model, revision and batch
    ssh::public_key key;
    std::string model, revision;
    std::string code_hash;  // 64 hexadecimal digits in lower case
    bool operator==(listed_device const&) const = default;
};

struct device_list {
    static constexpr std::size_t most = 2'000, longest_word = 40;
    std::string batch;
    std::vector<listed_device> devices;  // at least one
    bool operator==(device_list const&) const = default;
};

/// Errors: refusal::malformed for anything but the one spelling of a list; refusal::too_large for too many devices.
result<device_list> read_device_list(std::string_view content);

/// A list as content, put in order.
struct written_devices {
    std::string content;
    std::optional<std::string> complaint;  // what is wrong with which device; then there is no content
};
written_devices write_device_list(device_list list);

/// As a list holds it: of the code without what people make of it.
std::string hash_of_claim_code(std::string_view code);

}  // namespace tp::signing
