#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "api/cli/json.hpp"
#include "api/cli/shown/result.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

/// What one address answered at one hop.
struct answers {
    std::string address;
    std::vector<double> times;  // ms
    std::string notes;
};

struct hop {
    std::int64_t number = 0;
    std::vector<answers> from;  // each address once
    unsigned lost = 0;
    std::string error;
};

void note(std::string& notes, std::string const& text)
{
    if (text.empty() || (", " + notes + ',').find(", " + text + ',') != std::string::npos) return;
    notes += (notes.empty() ? "" : ", ") + text;
}

/// "MPLS 24001 24002": the labels that the router quoted (RFC 4950).
std::string labels_in(json::object const& reply)
{
    std::string out;
    auto const* extension = object_in(reply, "icmpext");
    auto const* objects = extension == nullptr ? nullptr : list_in(*extension, "obj");
    if (objects == nullptr) return out;
    for (auto const& each : *objects) {
        auto const* labels = each.is_object() ? list_in(each.get_object(), "mpls") : nullptr;
        if (labels == nullptr) continue;
        for (auto const& label : *labels) {
            if (label.is_object()) out += ' ' + cell_in(label.get_object(), "label");
        }
    }
    return out.empty() ? out : "MPLS" + out;
}

void read_notes(json::object const& reply, std::string& notes)
{
    auto const error = cell_in(reply, "err");
    if (!error.empty()) note(notes, '!' + error);  // N network, H host, A prohibited, p port, or the ICMP code
    auto const mtu = cell_in(reply, "mtu");
    if (!mtu.empty()) note(notes, "MTU " + mtu);
    note(notes, cell_in(reply, "flags"));
    note(notes, labels_in(reply));
}

void read_reply(json::object const& reply, hop& out)
{
    if (reply.contains("late") || reply.contains("dup")) return;  // these packets are counted already
    auto const address = text_in(reply, "from");
    if (address.empty()) {
        ++out.lost;
        return note(out.error, error_in(reply));
    }
    auto place =
        std::find_if(out.from.begin(), out.from.end(), [&](auto const& one) { return one.address == address; });
    if (place == out.from.end()) place = out.from.insert(place, answers{address, {}, {}});
    if (auto const time = number_in(reply, "rtt")) place->times.push_back(*time);
    read_notes(reply, place->notes);
}

hop read_hop(json::object const& from)
{
    hop out;
    out.number = integer_in(from, "hop").value_or(0);
    out.error = error_in(from);
    if (auto const* replies = list_in(from, "result")) {
        for (auto const& reply : *replies) {
            if (reply.is_object()) read_reply(reply.get_object(), out);
        }
    }
    return out;
}

std::string lost_text(unsigned lost)
{
    std::string out;
    for (unsigned i = 0; i < lost; ++i) out += " *";
    return out;
}

std::string table_of(std::vector<hop> const& hops)
{
    table out({{"    hop", table::side::right}, {"address"}, {"ms"}, {""}});
    for (auto const& each : hops) {
        auto number = std::to_string(each.number);
        auto lost = lost_text(each.lost);
        for (auto const& one : each.from) {
            std::string times;
            for (auto const time : one.times) times += ' ' + decimal_text(time);
            times += std::exchange(lost, "");
            out.add({std::exchange(number, ""), one.address, times.substr(std::min<std::size_t>(1, times.size())),
                     one.notes});
        }
        if (each.from.empty()) out.add({number, "*", lost.substr(std::min<std::size_t>(1, lost.size())), each.error});
    }
    return out.size() == 0 ? std::string() : out.text();
}

void tell_the_end(hop const& last, shown_result& out)
{
    auto const is_target = [&](auto const& one) { return one.address == out.target; };
    auto const target = std::find_if(last.from.begin(), last.from.end(), is_target);
    if (target == last.from.end()) {
        auto const& one = last.from.front();
        out.remark = "last answer at hop " + std::to_string(last.number) + " from " + one.address +
                     (one.notes.empty() ? "" : " (" + one.notes + ')');
        out.told = "not reached, " + out.remark;
        return;
    }
    out.answered = 1;
    out.times = target->times;
    out.remark = count_text(static_cast<std::size_t>(last.number), "hop");
    if (target->notes.starts_with('!')) out.remark += " (" + target->notes + ')';
    out.told = "reached in " + out.remark;
}

}  // namespace

void read_traceroute(json::object const& from, shown_result& out)
{
    std::vector<hop> hops;
    std::string error = error_in(from);
    if (auto const* list = list_in(from, "result")) {
        for (auto const& each : *list) {
            if (!each.is_object()) continue;
            auto read = read_hop(each.get_object());
            if (error.empty()) error = read.error;
            if (read.number > 0) hops.push_back(std::move(read));
        }
    }
    out.asked = 1;
    out.details = table_of(hops);
    auto const last = std::find_if(hops.rbegin(), hops.rend(), [](auto const& each) { return !each.from.empty(); });
    if (last != hops.rend()) return tell_the_end(*last, out);
    out.told = out.remark = error.empty() ? "no answer from any hop" : error;
}

}  // namespace tp::cli
