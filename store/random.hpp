#pragma once

#include <string>
#include <string_view>

/// Secrets made by us. For this folder only.
namespace tp::store {

/// A random UUID (version 4), lower case. Source: RFC 4122, section 4.4; 122 bits from the system's generator.
std::string random_uuid();
/// SHA-256, 32 octets.
std::string sha256(std::string_view text);

}  // namespace tp::store
