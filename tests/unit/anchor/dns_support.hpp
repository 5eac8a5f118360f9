#pragma once

#include <ldns/ldns.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/handle.hpp"
#include "probe/measure/dns/query.hpp"

namespace tp::anchor {

/// A query as our own probe writes it. `name` in presentation form.
inline std::string dns_query_text(std::string const& name, unsigned type, unsigned query_class = 1,
                                  proto::dns_options with = {})
{
    with.query_argument = name;
    with.query_type = static_cast<std::uint16_t>(type);
    with.query_class = static_cast<std::uint16_t>(query_class);
    probe::dns_query_values values;
    values.id = 0x1234;
    return probe::make_query(with, values).value();
}

inline std::span<std::uint8_t const> octets_of(std::string const& text)
{
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}

/// An answer as ldns reads it.
class dns_reply {
public:
    explicit dns_reply(std::string const& octets) : size(octets.size())
    {
        ldns_pkt* out = nullptr;
        auto const read = ::ldns_wire2pkt(&out, reinterpret_cast<std::uint8_t const*>(octets.data()), octets.size());
        if (read == LDNS_STATUS_OK) packet.reset(out);
    }

    unsigned code() const
    {
        return ::ldns_pkt_get_rcode(packet.get()) | unsigned{::ldns_pkt_edns_extended_rcode(packet.get())} << 4U;
    }
    bool authoritative() const { return ::ldns_pkt_aa(packet.get()); }
    bool truncated() const { return ::ldns_pkt_tc(packet.get()); }
    bool edns() const { return ::ldns_pkt_edns_udp_size(packet.get()) != 0; }
    std::string question() const { return text(::ldns_pkt_question(packet.get())).at(0); }
    std::vector<std::string> answers() const { return text(::ldns_pkt_answer(packet.get())); }
    std::vector<std::string> authority() const { return text(::ldns_pkt_authority(packet.get())); }

    /// All strings of the first answer, one after the other.
    std::string text_of_answer() const
    {
        std::string out;
        auto const* first = ::ldns_rr_list_rr(::ldns_pkt_answer(packet.get()), 0);
        for (std::size_t i = 0; i < ::ldns_rr_rd_count(first); ++i) {
            auto const* part = ::ldns_rr_rdf(first, i);
            out.append(reinterpret_cast<char const*>(::ldns_rdf_data(part)) + 1, ::ldns_rdf_size(part) - 1);
        }
        return out;
    }

    /// What the NSID option holds; none without one.
    std::optional<std::string> nsid() const
    {
        auto const* data = ::ldns_pkt_edns_data(packet.get());
        if (data == nullptr) return std::nullopt;
        std::string const all(reinterpret_cast<char const*>(::ldns_rdf_data(data)), ::ldns_rdf_size(data));
        std::string const head{'\0', '\3', '\0', static_cast<char>(all.size() - 4)};
        return all.starts_with(head) ? std::optional(all.substr(4)) : std::nullopt;
    }

    handle<ldns_pkt, ::ldns_pkt_free> packet;  // none: ldns could not read it
    std::size_t size;

private:
    static std::vector<std::string> text(ldns_rr_list const* from)
    {
        std::vector<std::string> out;
        for (std::size_t i = 0; i < ::ldns_rr_list_rr_count(from); ++i) {
            handle<char, ::free> const line(::ldns_rr2str(::ldns_rr_list_rr(from, i)));
            out.emplace_back(line.get());
            for (auto& c : out.back())
                if (c == '\t') c = ' ';
            out.back().pop_back();  // the line's end
        }
        return out;
    }
};

}  // namespace tp::anchor
