#include "firmware-signing/tool/control_contents.hpp"

#include <algorithm>
#include <vector>

#include "base/files.hpp"
#include "firmware-signing/anchor_list.hpp"
#include "firmware-signing/control/director_keys.hpp"
#include "firmware-signing/control/hosts.hpp"
#include "firmware-signing/control/prefix_list.hpp"
#include "firmware-signing/repository/folder.hpp"
#include "firmware-signing/tool/anchor_file.hpp"
#include "firmware-signing/tuf/digest.hpp"

namespace tp::signing::tool {
namespace {

using control::content;
using repository::control_content;

constexpr std::size_t most_unchanged = 40;  // lines that are shown although they are as before

std::vector<std::string> lines_in(std::string_view text)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// Without a comment, and blanks around.
std::string_view stripped(std::string_view line)
{
    constexpr std::string_view blank = " \t\r";
    line = line.substr(0, line.find('#'));
    line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
    return line.substr(0, line.find_last_not_of(blank) + 1);
}

/// The line as probes read it; nothing if it is none.
std::optional<std::string> line_of(content which, std::string_view line)
{
    if (which == content::hosts)
        return control::is_line_of_hosts(line) ? std::optional<std::string>(line) : std::nullopt;
    if (which == content::director)
        return control::read_director_key(line) ? std::optional<std::string>(line) : std::nullopt;
    auto const prefix = ip_prefix::parse(line);
    return prefix ? std::optional(prefix->text()) : std::nullopt;
}

bool stands_before(content which, std::string const& one, std::string const& next)
{
    if (which == content::director) return one < next;
    if (which != content::hosts) return control::before(*ip_prefix::parse(one), *ip_prefix::parse(next));
    auto const rank = [](std::string const& line) {
        return line.starts_with("registry ") ? 0 : line.starts_with("registry-key ") ? 1 : 2;
    };
    return std::pair(rank(one), std::string_view(one)) < std::pair(rank(next), std::string_view(next));
}

arranged arrange_lines(content which, std::string_view text, std::string const& name)
{
    std::vector<std::string> lines;
    std::size_t number = 0;
    for (auto const& each : lines_in(text)) {
        ++number;
        auto const said = stripped(each);
        if (said.empty()) continue;
        auto line = line_of(which, said);
        if (!line)
            return {{},
                    name + ": line " + std::to_string(number) + " is none of \"" +
                        std::string(control::name_of(which)) + '"'};
        lines.push_back(std::move(*line));
    }
    std::sort(lines.begin(), lines.end(), [&](auto const& a, auto const& b) { return stands_before(which, a, b); });
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    std::string out;
    for (auto const& each : lines) out += each + '\n';
    return {std::move(out), std::nullopt};
}

arranged arrange_anchors(std::string_view text, std::string const& name)
{
    auto file = read_anchor_file(text, name);
    if (file.complaint) return {{}, std::move(file.complaint)};
    auto list = write_anchor_list(std::move(file.anchors));
    if (list.complaint) return {{}, name + ": " + *list.complaint};
    return {std::move(list.content), std::nullopt};
}

/// What is held against what was before: lines, and for anchors all that is said about one.
std::vector<std::string> facts_in(content which, std::string_view octets)
{
    std::vector<std::string> out;
    for (auto& line : lines_in(octets)) {
        bool const more = which == content::anchors && !out.empty() && !line.starts_with("anchor ");
        if (more)
            out.back() += "\n      " + line;
        else
            out.push_back(std::move(line));
    }
    return out;
}

std::vector<std::string> sorted(std::vector<std::string> list)
{
    std::sort(list.begin(), list.end());
    return list;
}

bool contains(std::vector<std::string> const& sorted_list, std::string const& one)
{
    return std::binary_search(sorted_list.begin(), sorted_list.end(), one);
}

std::string differences(content which, std::string const& octets, std::string const& before)
{
    auto const now = facts_in(which, octets), then = facts_in(which, before);
    auto const known = sorted(then), said = sorted(now);
    auto const same = static_cast<std::size_t>(
        std::count_if(now.begin(), now.end(), [&](auto const& each) { return contains(known, each); }));
    std::string out;
    for (auto const& each : now) {
        bool const fresh = !contains(known, each);
        if (fresh || same <= most_unchanged) out += (fresh ? "  + " : "    ") + each + '\n';
    }
    for (auto const& each : then)
        if (!contains(said, each)) out += "  - " + each + '\n';
    if (same > most_unchanged) out += "    and " + std::to_string(same) + " as before\n";
    return out;
}

std::string plain(content which, std::string const& octets)
{
    std::string out;
    for (auto const& each : facts_in(which, octets)) out += "    " + each + '\n';
    return out;
}

}  // namespace

arranged arrange(content which, std::string_view text, std::string const& name)
{
    auto out = which == content::anchors ? arrange_anchors(text, name) : arrange_lines(which, text, name);
    if (out.complaint) return out;
    auto const right = control::check(which, out.octets);
    if (!right) out.complaint = name + ": what it says cannot be: too little of it, or too much";
    if (right && out.octets.empty())
        out.complaint =
            name +
            ": it says nothing, and no empty file is brought to probes; --drop takes back what is not said any more";
    return out;
}

control_texts texts_of(control_content const& says, std::filesystem::path const& repository,
                       std::filesystem::path const& contents)
{
    control_texts out;
    for (auto const& each : says.files) {
        if (!contents.empty()) {
            auto octets = read_file(contents / control::name_of(each.which), control::largest_content);
            bool const right = octets && octets->size() == each.length && tuf::sha256_hex(*octets) == each.sha256;
            if (right) out.emplace(each.which, std::move(*octets));
        }
        if (repository.empty() || out.contains(each.which)) continue;
        tuf::target_file facts;
        facts.length = each.length;
        facts.hashes.sha256 = each.sha256;
        auto octets = repository::repository_folder(repository).read_target(control::path_of(each.which), facts);
        if (octets) out.emplace(each.which, std::move(*octets));
    }
    return out;
}

std::optional<std::string> complaint_about_texts(control_content const& says, control_texts const& texts)
{
    for (auto const& each : says.files) {
        auto const name = std::string(control::name_of(each.which));
        auto const found = texts.find(each.which);
        if (found == texts.end()) return name + " is not at hand: it may lie in --contents or --repository";
        if (!control::check(each.which, found->second)) return name + " is not what probes can read";
    }
    return std::nullopt;
}

std::string contents_text(control_content const& says, control_texts const& texts, control_texts const* before)
{
    std::string out;
    for (auto const& each : says.files) {
        auto const found = texts.find(each.which);
        out += '\n' + std::string(control::name_of(each.which)) + '\n';
        if (found == texts.end()) {
            out += "    NOT SHOWN: it is not at hand\n";
        } else if (!control::check(each.which, found->second)) {
            out += "    NOT SHOWN: it is not what probes can read\n";
        } else if (before == nullptr) {
            out += plain(each.which, found->second);
        } else {
            auto const known = before->find(each.which);
            out += differences(each.which, found->second, known == before->end() ? std::string() : known->second);
        }
    }
    return out;
}

}  // namespace tp::signing::tool
