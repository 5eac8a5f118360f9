#pragma once

#include "api/endpoint.hpp"

/// Below /api/v2/firmware/: the signed repository. Only the form of what is published is judged; probes judge the rest.
namespace tp::api {

boost::asio::awaitable<http::response> list_firmware_files(context& shared, call given);
/// The body is a part of the file `path`, from `offset`; `size` and `sha256` (hexadecimal digits) are those of the
/// whole file. Answers 200 while parts are missing, and 201 when the file is whole.
boost::asio::awaitable<http::response> put_firmware_file(context& shared, call given);

/// Files that nobody needs any more: that neither the timestamp in force leads to nor one that was replaced less than
/// `hours` ago (1 to 168, which it is without), nor rollouts and instructions want. The first 500, and how many and how
/// large all of them and the others are.
boost::asio::awaitable<http::response> list_firmware_leftovers(context& shared, call given);
/// Removes them, and answers likewise.
boost::asio::awaitable<http::response> remove_firmware_leftovers(context& shared, call given);

}  // namespace tp::api
