#include <stdexcept>

#include "tests/lab/measure/types.hpp"

namespace tp::lab {
namespace {

template <class Options>
proto::options read_as(words& from)
{
    Options out;
    read(from, out);
    return out;
}

}  // namespace

proto::options read_options(std::string_view type, words& from)
{
    if (type == "ping") return read_as<proto::ping_options>(from);
    if (type == "traceroute") return read_as<proto::traceroute_options>(from);
    if (type == "dns") return read_as<proto::dns_options>(from);
    if (type == "http") return read_as<proto::http_options>(from);
    if (type == "tls") return read_as<proto::tls_options>(from);
    if (type == "ntp") return read_as<proto::ntp_options>(from);
    throw std::runtime_error(std::string(type) + ": no such type of measurement here");
}

}  // namespace tp::lab
