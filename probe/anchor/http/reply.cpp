#include "probe/anchor/http/reply.hpp"

#include <ctime>

namespace tp::anchor {
namespace {

std::string_view reason(unsigned status) noexcept
{
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 413:
            return "Content Too Large";
        case 431:
            return "Request Header Fields Too Large";
        default:
            return "Other";
    }
}

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

/// None of the values needs escapes: they are a host name, an address, a number and a nonce.
http_reply answer(http_wish const& wish, http_facts const& facts)
{
    http_reply out;
    out.nonce = wish.nonce;
    out.before = "{\"anchor\":\"" + facts.name + "\",\"client\":\"" + facts.client.to_string() +
                 "\",\"time\":" + std::to_string(to_unix_seconds(facts.now));
    if (!wish.nonce.empty()) out.before += ",\"nonce\":\"" + wish.nonce + '"';
    out.before += ",\"filler\":\"";
    out.after = "\"}\n";
    if (!wish.size) return out;
    if (*wish.size >= out.length()) {
        out.filler = *wish.size - out.length();
    } else {
        out.content_type = "text/plain";
        out.before.clear();
        out.after.clear();
        out.filler = *wish.size;
    }
    return out;
}

http_reply refuse_target(error_code why, std::size_t largest)
{
    if (why == errc::too_large) return refuse(400, "The largest body here has " + std::to_string(largest) + " octets.");
    if (why == errc::malformed) {
        return refuse(400, "A nonce has 1 to " + std::to_string(longest_nonce) + " letters, digits or -._~, once.");
    }
    return refuse(404, "There is /, and /N for a body of N octets.");
}

http_reply refuse(unsigned status, std::string_view why)
{
    http_reply out;
    out.status = status;
    out.content_type = "text/plain";
    out.before = std::string(why) + '\n';
    return out;
}

std::string head_of(http_reply const& reply, bool keep_alive, http_facts const& facts)
{
    std::string out = "HTTP/1.1 " + std::to_string(reply.status) + ' ' + std::string(reason(reply.status)) + "\r\n";
    auto const add = [&](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    add("Date", date_text(facts.now));
    add("Server", "trigpoint-anchor");
    add("X-Trigpoint-Anchor", facts.name);
    add("X-Trigpoint-Client", facts.client.to_string());
    if (!reply.nonce.empty()) add("X-Trigpoint-Nonce", reply.nonce);
    if (reply.status == 405) add("Allow", "GET, HEAD, POST");
    add("Cache-Control", "no-store");
    add("Content-Type", reply.content_type);
    add("Content-Length", std::to_string(reply.length()));
    add("Connection", keep_alive ? "keep-alive" : "close");
    return out + "\r\n";
}

}  // namespace tp::anchor
