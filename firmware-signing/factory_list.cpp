#include "firmware-signing/factory_list.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <set>

#include "base/claim_code.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"

namespace tp::signing {
namespace {

constexpr std::size_t longest_line = 512;  // octets; the longest that can be written is shorter

bool is_word(std::string_view text)
{
    return !text.empty() && text.size() <= device_list::longest_word &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == text.npos;
}

/// What is wrong with the whole list, if anything; its devices are in order.
std::optional<std::string> complaint_about(device_list const& list)
{
    if (!is_word(list.batch)) return "the batch has no name of letters, digits, \".\", \"_\" and \"-\"";
    if (list.devices.empty()) return "there is no device";
    if (list.devices.size() > device_list::most) return "there are too many devices for one batch";
    std::set<std::string_view> keys, codes;
    std::string_view last;
    for (auto const& one : list.devices) {
        auto const named = "device \"" + one.serial + "\" ";
        for (auto const* word : {&one.serial, &one.model, &one.revision})
            if (!is_word(*word)) return named + "has a word that is none: \"" + *word + '"';
        if (one.serial <= last) return named + "is listed twice";
        last = one.serial;
        if (!from_hex(one.code_hash, SHA256_DIGEST_LENGTH)) return named + "has no SHA-256 of its claim code";
        if (!keys.insert(one.key.base64()).second) return named + "has the key of another one";
        if (!codes.insert(one.code_hash).second) return named + "has the claim code of another one";
    }
    return std::nullopt;
}

/// "SERIAL KEY MODEL REVISION HASH"
result<listed_device> read_device(std::string_view text)
{
    auto const serial = take_word(text), base64 = take_word(text), model = take_word(text), revision = take_word(text);
    auto key = ssh::public_key::parse(base64);
    if (!key || key->base64() != base64) return refusal::malformed;
    return listed_device{std::string(serial), std::move(*key), std::string(model), std::string(revision),
                         std::string(text)};
}

}  // namespace

result<device_list> read_device_list(std::string_view content)
{
    line_reader from(content);
    auto const batch = from.take_value("batch", longest_line);
    if (!batch) return batch.error();
    device_list out{std::string(*batch), {}};
    while (!from.empty()) {
        auto const line = from.take_value("device", longest_line);
        if (!line) return line.error();
        if (out.devices.size() == device_list::most) return refusal::too_large;
        auto one = read_device(*line);
        if (!one) return one.error();
        out.devices.push_back(std::move(*one));
    }
    if (complaint_about(out)) return refusal::malformed;
    return out;
}

written_devices write_device_list(device_list list)
{
    std::sort(list.devices.begin(), list.devices.end(),
              [](auto const& one, auto const& other) { return one.serial < other.serial; });
    if (auto wrong = complaint_about(list)) return {{}, std::move(wrong)};
    auto out = "batch " + list.batch + '\n';
    for (auto const& one : list.devices)
        out += "device " + one.serial + ' ' + one.key.base64() + ' ' + one.model + ' ' + one.revision + ' ' +
               one.code_hash + '\n';
    if (out.size() > largest_content) return {{}, "the list is too large"};
    return {std::move(out), std::nullopt};
}

std::string hash_of_claim_code(std::string_view code)
{
    auto const plain = plain_claim_code(code);
    unsigned char digest[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<unsigned char const*>(plain.data()), plain.size(), digest);
    return to_hex({reinterpret_cast<char const*>(digest), sizeof digest});
}

}  // namespace tp::signing
