#include "api/firmware/endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/firmware/object.hpp"
#include "api/paging.hpp"
#include "api/parameters.hpp"
#include "base/log.hpp"
#include "firmware-signing/lines.hpp"
#include "store/firmware_files.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

constexpr std::size_t hash_length = 32;  // octets

/// What the query says about the part that the body is.
checked<store::firmware_part> read_part(http::request& request)
{
    store::firmware_part out;
    out.path = request.find("path").value_or("");
    if (!store::is_firmware_path(out.path))
        return bad_parameter("path", "This must be a plain path, metadata/... or targets/...");
    std::optional<std::uint64_t> size, offset;
    if (!read_number(request, "size", size) || !size)
        return bad_parameter("size", "This must be the number of octets of the whole file.");
    if (!read_number(request, "offset", offset)) return bad_parameter("offset", "A valid number is required.");
    auto hash = signing::from_hex(request.find("sha256").value_or(""), hash_length);
    if (!hash) return bad_parameter("sha256", "This must be 64 lower-case hexadecimal digits.");
    out.size = *size;
    out.offset = offset.value_or(0);
    out.sha256 = std::move(*hash);
    out.octets = std::move(request.body);
    return out;
}

/// @param fits  whether the part and its file are no larger than each may be.
problem from_put(error_code why, bool fits)
{
    if (why == errc::malformed)
        return bad_body("", "A part begins at a multiple of " + std::to_string(store::firmware_piece_size) +
                                " octets, and is a multiple of it long unless it ends the file.");
    if (why == errc::too_large && fits) {
        return {413,
                "The repository is full, at " + std::to_string(store::largest_repository >> 20) + " MiB or " +
                    std::to_string(store::most_firmware_files) +
                    " files. `trigpoint firmware prune` removes what nobody needs any more.",
                {}};
    }
    if (why == errc::too_large) return {413, "The file, or a part of it, is larger than is taken.", {}};
    if (why == errc::conflict) return {409, "Another file of this name is there, or is being uploaded.", {}};
    return from_store(why);
}

}  // namespace

asio::awaitable<http::response> list_firmware_files(context& shared, call given)
{
    if (!may(given.who, "firmware.list")) co_return answer(forbidden(""));
    auto const at = parse_page(given.request);
    if (!at) co_return answer(at.error());
    auto const found = co_await store::firmware_files(shared.database);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (std::size_t i = at->offset(); i < found->size() && results.size() < at->size; ++i)
        results.push_back(file_object((*found)[i]));
    co_return json_answer(envelope(given.request, *at, found->size(), std::move(results)));
}

asio::awaitable<http::response> put_firmware_file(context& shared, call given)
{
    if (!may(given.who, "firmware.publish")) co_return answer(forbidden(""));
    auto part = read_part(given.request);
    if (!part) co_return answer(part.error());
    auto out = file_object(part->path, part->size, part->sha256);
    auto const path = part->path;
    bool const fits = part->size <= store::largest_firmware_file && part->octets.size() <= store::largest_firmware_part;
    auto const taken = co_await store::put_firmware_part(shared.database, std::move(*part));
    if (!taken) co_return answer(from_put(taken.error(), fits));
    if (*taken == store::firmware_taken::other_hash)
        co_return answer(bad_body("", "The file is whole, and not what `sha256` says: it is forgotten."));
    bool const whole = *taken == store::firmware_taken::whole;
    if (whole && path == store::firmware_timestamp)
        log::info("api", "the signed repository: published by account " + given.who.key->account.text());
    out["whole"] = whole;
    co_return json_answer(out, whole ? 201 : 200);
}

}  // namespace tp::api
