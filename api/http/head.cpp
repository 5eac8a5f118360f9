#include "api/http/head.hpp"

#include <charconv>
#include <ctime>

namespace tp::api::http {
namespace {

/// "Tue, 14 Nov 2023 22:13:20 GMT"
std::string date_text(wall_time now)
{
    auto const seconds = static_cast<std::time_t>(to_unix_seconds(now));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char out[40];
    return std::string(out, std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

}  // namespace

std::string_view reason_phrase(unsigned status) noexcept
{
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 204:
            return "No Content";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 409:
            return "Conflict";
        case 413:
            return "Payload Too Large";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Other";
    }
}

std::string head_text(response const& answer, framing how, bool keep_alive, wall_time now)
{
    std::string out =
        "HTTP/1.1 " + std::to_string(answer.status) + ' ' + std::string(reason_phrase(answer.status)) + "\r\n";
    auto const add = [&](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    add("Date", date_text(now));
    for (auto const& [name, value] : answer.headers) add(name, value);
    bool const has_body = answer.status != 204;
    if (has_body) add("Content-Type", answer.content_type);
    if (has_body && how == framing::length) add("Content-Length", std::to_string(answer.body.size()));
    if (how == framing::chunked) add("Transfer-Encoding", "chunked");
    add("Connection", keep_alive && how != framing::until_close ? "keep-alive" : "close");
    return out + "\r\n";
}

std::string chunk_text(std::string_view text)
{
    if (text.empty()) return {};
    char size[20];
    auto const [end, error] = std::to_chars(size, size + sizeof size, text.size(), 16);
    (void)error;  // 20 characters hold every size
    std::string out(size, end);
    return out.append("\r\n").append(text).append("\r\n");
}

}  // namespace tp::api::http
