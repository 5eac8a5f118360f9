#include "firmware-signing/envelope.hpp"

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"
#include "firmware-signing/trusted_keys.hpp"

namespace tp::signing {
namespace {

constexpr std::size_t longest_number = 20;  // digits of 2^64
constexpr std::size_t id_digits = 64;       // SHA-256
constexpr std::size_t signature_digits = 2 * public_key::signature_size;

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_name &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

result<std::uint64_t> take_number(line_reader& from, std::string_view key, std::uint64_t most)
{
    auto const text = from.take_value(key, longest_number);
    if (!text) return text.error();
    return read_number(*text, most);
}

/// All above the content, but for its length.
result<statement> take_head(line_reader& from)
{
    auto const format = from.take(format_line.size());
    if (!format || *format != format_line) return refusal::malformed;
    auto const name = from.take_value("name", longest_name);
    if (!name || !is_name(*name)) return refusal::malformed;
    auto const version = take_number(from, "version", highest_version);
    if (!version || *version == 0) return refusal::malformed;
    auto const expires = take_number(from, "expires", latest_expiry);
    if (!expires) return refusal::malformed;
    return statement{*name, *version, from_unix_seconds(static_cast<std::int64_t>(*expires)), {}};
}

/// "octets N", an empty line, N octets and a line end.
result<std::string_view> take_content(line_reader& from)
{
    auto const octets = take_number(from, "octets", largest_document);
    if (!octets) return octets.error();
    if (*octets > largest_content) return refusal::too_large;
    auto const length = static_cast<std::size_t>(*octets);
    auto const blank = from.take(0);
    if (!blank || from.rest().size() <= length || from.rest()[length] != '\n') return refusal::malformed;
    auto const content = from.rest().substr(0, length);
    from.skip(length + 1);
    return content;
}

result<signature> take_signature(line_reader& from)
{
    auto text = from.take_value("signature", id_digits + 1 + signature_digits);
    if (!text) return text.error();
    auto const id = from_hex(take_word(*text), id_digits / 2);
    auto octets = from_hex(*text, public_key::signature_size);
    if (!id || !octets) return refusal::malformed;
    return signature{to_hex(*id), std::move(*octets)};
}

}  // namespace

result<envelope> read_envelope(std::string_view octets)
{
    if (octets.size() > largest_document) return refusal::too_large;
    line_reader from(octets);
    auto head = take_head(from);
    if (!head) return head.error();
    auto const content = take_content(from);
    if (!content) return content.error();
    head->content = *content;
    envelope out{*head, octets.substr(0, octets.size() - from.rest().size()), {}};
    while (!from.empty()) {
        auto one = take_signature(from);
        if (!one || out.signatures.size() == most_signatures) return refusal::malformed;
        if (!out.signatures.empty() && out.signatures.back().key_id >= one->key_id) return refusal::malformed;
        out.signatures.push_back(std::move(*one));
    }
    return out;
}

result<std::string> octets_to_sign(statement const& says)
{
    auto const expires = to_unix_seconds(says.expires);
    bool const in_range = says.version >= 1 && says.version <= highest_version && expires >= 0 &&
                          static_cast<std::uint64_t>(expires) <= latest_expiry;
    if (!is_name(says.name) || !in_range) return errc::out_of_range;
    if (says.content.size() > largest_content) return refusal::too_large;
    std::string out(format_line);
    out.append("\nname ").append(says.name);
    out.append("\nversion ").append(std::to_string(says.version));
    out.append("\nexpires ").append(std::to_string(expires));
    out.append("\noctets ").append(std::to_string(says.content.size()));
    out.append("\n\n").append(says.content).append("\n");
    return out;
}

std::string seal(std::string_view signed_octets, std::vector<signature> signatures)
{
    std::sort(signatures.begin(), signatures.end(),
              [](auto const& one, auto const& other) { return one.key_id < other.key_id; });
    std::string out(signed_octets);
    for (auto const& each : signatures) out += "signature " + each.key_id + ' ' + to_hex(each.octets) + '\n';
    return out;
}

}  // namespace tp::signing
