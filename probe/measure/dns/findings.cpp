#include "probe/measure/dns/findings.hpp"

#include <algorithm>

#include "probe/measure/dns/answer.hpp"

namespace tp::probe {
namespace {

std::string text_of(std::span<std::uint8_t const> octets)
{
    return {reinterpret_cast<char const*>(octets.data()), octets.size()};
}

void leave_out_answer(proto::dns_exchange& one)
{
    if (one.answer.empty()) return;
    auto const* const first = reinterpret_cast<std::uint8_t const*>(one.answer.data());
    auto const kept = front_of_answer({first, one.answer.size()}, proto::dns_exchange::longest_head);
    one.answer_head = one.answer.substr(0, kept);
    one.answer.clear();
}

}  // namespace

std::uint16_t port_of(proto::dns_options const& options) noexcept
{
    return options.port != 0 ? options.port : options.usual_port();
}

void put_answer(proto::dns_exchange& to, std::span<std::uint8_t const> message, proto::dns_options const& options)
{
    to.answer = text_of(message);
    to.answer_size = message.size();
    if (!options.include_abuf) leave_out_answer(to);
}

void keep_within(std::vector<proto::dns_exchange>& all, std::size_t room)
{
    for (auto& one : all) {
        if (one.query.size() + one.answer.size() > room) leave_out_answer(one);
        room -= std::min(room, one.query.size() + one.answer.size());
    }
}

void put_error(proto::dns_exchange& to, std::string name, std::string text)
{
    to.error_name = std::move(name);
    to.error_text = std::move(text);
}

void add(traffic& to, traffic const& more) noexcept
{
    to.packets_sent += more.packets_sent;
    to.octets_sent += more.octets_sent;
    to.packets_received += more.packets_received;
    to.octets_received += more.octets_received;
}

void refusals::add(std::string what_said, std::string what_why)
{
    if (count++ > 0) return;
    said = std::move(what_said);
    why = std::move(what_why);
}

void finish_findings(outcome& what, proto::dns_options const& options, std::vector<proto::dns_exchange> exchanges,
                     refusals const& no)
{
    if (no.count > 0) {
        what.why = no.why;
        if (no.count == exchanges.size()) what.failed = proto::failure{proto::failure_source::guard, no.said};
    }
    if (what.failed) exchanges.clear();
    keep_within(exchanges, kept_octets);
    if (!options.use_probe_resolver && !exchanges.empty()) what.source = exchanges.front().source;
    what.found = proto::dns_report{
        .transport = options.transport, .by_resolvers = options.use_probe_resolver, .exchanges = std::move(exchanges)};
}

}  // namespace tp::probe
