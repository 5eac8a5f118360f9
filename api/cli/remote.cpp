#include "api/cli/remote.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>

namespace tp::cli {
namespace {

std::string environment_variable(char const* name)
{
    auto const* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::string unreachable(api_place const& place, error_code why)
{
    auto const what = why == errc::timed_out ? std::string("no answer in time") : why.message();
    return "the API at " + std::string(place.tls ? "https://" : "http://") + place.host + " port " + place.port +
           " cannot be reached: " + what + "\n(--api or TRIGPOINT_API says where it is)";
}

}  // namespace

void remote::tell(std::string_view text, exit_code code)
{
    std::cerr << "trigpoint: " << text << '\n';
    code_ = code;
}

std::optional<std::string> remote::ask_text(std::string_view method, std::string_view path, std::string_view body,
                                            std::string_view kind)
{
    if (!client_) {
        std::string complaint;
        auto access = complete(given_, environment_variable, complaint);
        if (!access) {
            tell(complaint, exit_usage);
            return std::nullopt;
        }
        client_.emplace(std::move(*access));
    }
    auto reply = client_->send(method, path, body, kind);
    if (!reply) {
        tell(unreachable(client_->place(), reply.error()), exit_unreachable);
        return std::nullopt;
    }
    if (reply->good()) return std::move(reply->body);
    tell(explain(*reply), reply->status == 403 || reply->status == 401 ? exit_refused : exit_failed);
    return std::nullopt;
}

std::optional<boost::json::value> remote::ask(std::string_view method, std::string_view path, std::string_view body,
                                              std::string_view kind)
{
    auto const text = ask_text(method, path, body, kind);
    if (!text) return std::nullopt;
    if (text->empty()) return boost::json::value();
    boost::json::error_code ec;
    auto value = boost::json::parse(*text, ec);
    if (!ec) return value;
    tell("the API's answer is not JSON: " + ec.message(), exit_failed);
    return std::nullopt;
}

}  // namespace tp::cli
