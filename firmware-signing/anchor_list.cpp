#include "firmware-signing/anchor_list.hpp"

#include <algorithm>
#include <optional>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"

namespace tp::signing {
namespace {

constexpr std::size_t longest_subject = 32;
constexpr std::size_t longest_line = 1'024;  // octets; the longest that can be written is shorter
constexpr std::uint64_t highest_port = 65'535;

bool is_subject(std::string_view text)
{
    return !text.empty() && text.size() <= longest_subject &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
}

bool is_text(std::string_view text)
{
    return !text.empty() && text.size() <= listed_anchor::longest_text && is_plain_text(text);
}

template <class T>
bool repeats(std::vector<T> const& list)
{
    for (auto one = list.begin(); one != list.end(); ++one)
        if (std::find(one + 1, list.end(), *one) != list.end()) return true;
    return false;
}

std::string ports_text(std::vector<std::uint16_t> const& ports)
{
    std::string out;
    for (auto const port : ports) out += (out.empty() ? "" : ",") + std::to_string(port);
    return out;
}

/// What is wrong with it, if anything.
std::optional<std::string> complaint_about(listed_anchor const& one)
{
    if (!is_host_name(one.name)) return "is no host name in lower case";
    if (one.addresses.empty()) return "has no address";
    if (one.addresses.size() > listed_anchor::most_addresses || repeats(one.addresses))
        return "has too many addresses, or one twice";
    auto const zoned = [](ip_address const& each) { return each.is_v6() && each.to_v6().scope_id() != 0; };
    if (std::any_of(one.addresses.begin(), one.addresses.end(), zoned)) return "has an address with a zone";
    bool const zero = std::find(one.ports.begin(), one.ports.end(), 0) != one.ports.end();
    if (one.ports.empty() || one.ports.size() > listed_anchor::most_ports || repeats(one.ports) || zero)
        return "has no port, too many, one twice, or port 0";
    if (one.about.size() > listed_anchor::most_subjects) return "has too many subjects";
    for (auto const& [subject, text] : one.about) {
        if (!is_subject(subject)) return "has a subject that is no word in lower case";
        if (!is_text(text)) return "has no text, too long a text or characters that do not show about " + subject;
    }
    return std::nullopt;
}

result<std::vector<std::uint16_t>> read_ports(std::string_view text)
{
    std::vector<std::uint16_t> out;
    for (;;) {
        auto const comma = text.find(',');
        auto const port = read_number(text.substr(0, comma), highest_port);
        if (!port || out.size() == listed_anchor::most_ports) return refusal::malformed;
        out.push_back(static_cast<std::uint16_t>(*port));
        if (comma == text.npos) return out;
        text.remove_prefix(comma + 1);
    }
}

/// "NAME PORTS ADDRESS..."
result<listed_anchor> read_first_line(std::string_view text)
{
    if (text.ends_with(' ')) return refusal::malformed;
    listed_anchor out{.name = std::string(take_word(text))};
    auto ports = read_ports(take_word(text));
    if (!ports) return ports.error();
    out.ports = std::move(*ports);
    while (!text.empty()) {
        auto const word = take_word(text);
        auto const address = parse_address(word);
        if (!address || address->to_string() != word) return refusal::malformed;
        if (out.addresses.size() == listed_anchor::most_addresses) return refusal::malformed;
        out.addresses.push_back(*address);
    }
    return out;
}

/// "SUBJECT TEXT", in the order of subjects.
result<void> read_about(std::string_view text, listed_anchor& into)
{
    auto const subject = take_word(text);
    auto& about = into.about;
    if (about.size() == listed_anchor::most_subjects || (!about.empty() && about.rbegin()->first >= subject))
        return refusal::malformed;
    about.emplace(subject, text);
    return {};
}

}  // namespace

result<void> for_each_anchor(std::string_view content, std::function<void(listed_anchor)> const& tell)
{
    std::optional<listed_anchor> last;  // more about it may follow
    auto const tell_last = [&] {
        bool const sound = !last || !complaint_about(*last);
        if (last && sound) tell(std::move(*last));
        return sound;
    };
    std::size_t count = 0;
    for (line_reader from(content); !from.empty();) {
        auto line = from.take(longest_line);
        if (!line) return line.error();
        auto const what = take_word(*line);
        if (what == "anchor") {
            auto one = read_first_line(*line);
            if (!one) return one.error();
            if (last && last->name >= one->name) return refusal::malformed;
            if (++count > most_anchors) return refusal::too_large;
            if (!tell_last()) return refusal::malformed;
            last = std::move(*one);
        } else if (what != "about" || !last || !read_about(*line, *last)) {
            return refusal::malformed;
        }
    }
    if (!tell_last()) return refusal::malformed;
    return {};
}

result<std::vector<listed_anchor>> read_anchor_list(std::string_view content)
{
    std::vector<listed_anchor> out;
    auto const read = for_each_anchor(content, [&](listed_anchor one) { out.push_back(std::move(one)); });
    if (!read) return read.error();
    return out;
}

written_list write_anchor_list(std::vector<listed_anchor> anchors)
{
    if (anchors.size() > most_anchors) return {{}, "more than " + std::to_string(most_anchors) + " anchors"};
    std::sort(anchors.begin(), anchors.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    std::string out;
    for (std::size_t i = 0; i < anchors.size(); ++i) {
        auto const& one = anchors[i];
        if (auto const wrong = complaint_about(one)) return {{}, "anchor \"" + one.name + "\" " + *wrong};
        if (i > 0 && anchors[i - 1].name == one.name) return {{}, "anchor \"" + one.name + "\" is listed twice"};
        out += "anchor " + one.name + ' ' + ports_text(one.ports);
        for (auto const& address : one.addresses) out += ' ' + address.to_string();
        out += '\n';
        for (auto const& [subject, text] : one.about) out += "about " + subject + ' ' + text + '\n';
    }
    if (out.size() > largest_content) return {{}, "the list is too large"};
    return {std::move(out), std::nullopt};
}

}  // namespace tp::signing
