#include "api/measurements/targets.hpp"

#include <algorithm>
#include <vector>

namespace tp::api {
namespace {

std::vector<ip_prefix> const& special_blocks()
{
    static auto const blocks = [] {
        std::vector<ip_prefix> out;
        for (auto const* text :
             {"0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
              "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
              "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",  //
              "::/128",        "::1/128",         "::ffff:0:0/96",  "64:ff9b:1::/48", "100::/64",
              "2001:2::/48",   "2001:db8::/32",   "2002::/16",      "3fff::/20",      "5f00::/16",
              "fc00::/7",      "fe80::/10",       "fec0::/10",      "ff00::/8"}) {
            out.push_back(ip_prefix::parse(text).value());
        }
        return out;
    }();
    return blocks;
}

}  // namespace

bool is_special(ip_address const& address)
{
    auto const& blocks = special_blocks();
    return std::any_of(blocks.begin(), blocks.end(), [&](ip_prefix const& block) { return block.contains(address); });
}

}  // namespace tp::api
