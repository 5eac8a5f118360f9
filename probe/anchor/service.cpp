#include "probe/anchor/service.hpp"

#include <boost/asio/ssl/context.hpp>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "base/tls.hpp"
#include "probe/anchor/http/reply.hpp"

namespace tp::anchor {
namespace {

constexpr char const* component = "anchor";

http_site site_of(config const& chosen)
{
    return {chosen.name, chosen.http, std::string(chosen.http.largest_body, http_reply::letter)};
}

/// The zone has no other history than that of this process, so its serial is the time of the start.
dns_zone zone_of(config const& chosen)
{
    return {chosen.zone, chosen.name, chosen.addresses, static_cast<std::uint32_t>(to_unix_seconds(wall_now()))};
}

std::vector<std::string> names_of(config const& chosen)
{
    std::vector<std::string> out{chosen.name};
    for (auto const& one : chosen.addresses) out.push_back(one.to_string());
    return out;
}

/// Says what came of an attempt to listen.
template <class Endpoint>
result<void> told(char const* what, ip_address const& address, int port, result<Endpoint> const& bound)
{
    auto const host = address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
    if (!bound) {
        log::error(component, std::string("cannot listen for ") + what + " on " + host + ':' + std::to_string(port) +
                                  ": " + bound.error().message());
        return bound.error();
    }
    log::info(component, std::string("listening for ") + what + " on " + host + ':' + std::to_string(bound->port()));
    return {};
}

std::uint16_t number(int port)
{
    return static_cast<std::uint16_t>(port);
}

}  // namespace

service::service(asio::io_context& io, config chosen)
    : io_(io),
      config_(std::move(chosen)),
      site_(site_of(config_)),
      zone_(zone_of(config_)),
      http_(io, config_.http_room),
      dns_(io, config_.dns_room),
      datagrams_(io, zone_, config_.answers)
{
}

result<void> service::listen()
{
    for (auto const& address : config_.listen) {
        auto const http = listen_http(address);
        if (!http) return http;
        auto const dns = listen_dns(address);
        if (!dns) return dns;
    }
    return {};
}

result<void> service::listen_http(ip_address const& address)
{
    auto const plain = [this](asio::ip::tcp::socket socket, ip_address const& peer) {
        return make_http_session(std::move(socket), nullptr, peer, site_);
    };
    auto const secure = [this](asio::ip::tcp::socket socket, ip_address const& peer) {
        return make_http_session(std::move(socket), tls_, peer, site_);
    };
    if (config_.http_port != config::off) {
        auto const bound = http_.listen({address, number(config_.http_port)}, plain);
        auto const good = told("HTTP", address, config_.http_port, bound);
        if (!good) return good;
    }
    if (config_.https_port == config::off) return {};
    return told("HTTPS", address, config_.https_port, http_.listen({address, number(config_.https_port)}, secure));
}

result<void> service::listen_dns(ip_address const& address)
{
    if (config_.dns_port == config::off) return {};
    auto const bound = dns_.listen({address, number(config_.dns_port)}, [this](asio::ip::tcp::socket socket, auto&) {
        return make_dns_session(std::move(socket), zone_, config_.dns);
    });
    auto const good = told("DNS over TCP", address, config_.dns_port, bound);
    if (!good) return good;
    // The same port if any was asked for.
    return told("DNS over UDP", address, bound->port(), datagrams_.listen({address, bound->port()}));
}

result<void> service::load_certificate()
{
    if (config_.https_port == config::off) return {};
    certificate_files files{config_.certificate, config_.key};
    if (files.certificate.empty()) {
        auto const made = self_made_certificate(config_.state, names_of(config_));
        if (!made) {
            log::error(component, "no certificate in " + config_.state.string() + ": " + made.error().message());
            return made.error();
        }
        files = *made;
    }
    auto const opened = open_tls(files);
    if (!opened) {
        log::error(component, files.certificate.string() + ", " + files.key.string() + ": " + opened.error().message());
        return opened.error();
    }
    tls_ = *opened;
    return {};
}

void service::start()
{
    asio::co_spawn(io_, http_.run(), expect_cancelled);
    asio::co_spawn(io_, dns_.run(), expect_cancelled);
    datagrams_.start();
}

void service::stop()
{
    http_.stop();
    dns_.stop();
    datagrams_.stop();
}

}  // namespace tp::anchor
