#include "base/settings.hpp"

// Version 3.3 asserts that a digit follows the T of a date, and only then checks it: a slip in a file is no bug of
// ours.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>
#include <algorithm>
#include <set>

#include "base/files.hpp"

namespace tp {
namespace {

/// Levenshtein's distance: how many letters differ.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

void list_keys(toml::table const& table, std::string const& before, std::vector<std::string>& out)
{
    for (auto const& [key, node] : table) {
        auto const name = before + std::string(key.str());
        if (auto const* inner = node.as_table())
            list_keys(*inner, name + '.', out);
        else
            out.push_back(name);
    }
}

/// The rest of the text behind one that begins here with a quotation mark, in TOML's four kinds. One that is not closed
/// ends with its line; the parser complains of it.
std::string_view skip_text(std::string_view text)
{
    auto const mark = text.front();
    std::string const triple(3, mark);
    bool const lines = text.starts_with(triple);
    text.remove_prefix(lines ? 3 : 1);
    while (!text.empty() && (lines || text.front() != '\n')) {
        if (lines ? text.starts_with(triple) : text.front() == mark) {
            text.remove_prefix(lines ? 3 : 1);
            for (int i = 0; lines && i < 2 && text.starts_with(mark); ++i)
                text.remove_prefix(1);  // its last two letters
            return text;
        }
        bool const escaped = mark == '"' && text.front() == '\\';
        text.remove_prefix(std::min<std::size_t>(escaped ? 2 : 1, text.size()));
    }
    return text;
}

/// The part of a file that begins with the first letter beyond ASCII outside of texts and comments, where TOML has
/// none. The parser would get to undefined behaviour there (toml++ 3.3, is_non_ascii_horizontal_whitespace).
std::string_view from_first_foreign_letter(std::string_view text)
{
    while (!text.empty() && static_cast<unsigned char>(text.front()) < 0x80) {
        auto const letter = text.front();
        if (letter == '"' || letter == '\'')
            text = skip_text(text);
        else if (letter == '#')
            text.remove_prefix(std::min(text.find('\n'), text.size()));
        else
            text.remove_prefix(1);
    }
    return text;
}

}  // namespace

struct settings::parts {
    std::string name;
    toml::table table;
    std::set<std::string, std::less<>> known;
    std::optional<std::string> complaint;

    void complain(std::string what)
    {
        if (!complaint) complaint = name + ": " + std::move(what);
    }

    toml::node_view<toml::node> ask(std::string_view key)
    {
        known.emplace(key);
        return complaint ? toml::node_view<toml::node>{} : table.at_path(key);
    }
};

settings::settings() : parts_(std::make_unique<parts>())
{
}
settings::settings(settings&&) noexcept = default;
settings& settings::operator=(settings&&) noexcept = default;
settings::~settings() = default;

settings settings::read_file(std::filesystem::path const& path)
{
    auto const content = tp::read_file(path, largest_file);
    if (content) return parse(*content, path.string());
    settings out;
    out.parts_->name = path.string();
    out.parts_->complain("cannot be read: " + content.error().message());
    return out;
}

settings settings::parse(std::string_view text, std::string name)
{
    settings out;
    out.parts_->name = std::move(name);
    auto const foreign = from_first_foreign_letter(text);
    if (!foreign.empty()) {
        auto const before = text.substr(0, text.size() - foreign.size());
        auto const line = 1 + std::count(before.begin(), before.end(), '\n');
        out.parts_->complain("line " + std::to_string(line) + ": a letter beyond ASCII outside of a text");
        return out;
    }
    try {
        out.parts_->table = toml::parse(text);
    } catch (toml::parse_error const& error) {
        out.parts_->complain("line " + std::to_string(error.source().begin.line) + ": " +
                             std::string(error.description()));
    }
    return out;
}

std::string settings::text(std::string_view key, std::string_view otherwise)
{
    auto const node = parts_->ask(key);
    if (!node) return std::string(otherwise);
    if (auto const value = node.value_exact<std::string>()) return *value;
    complain(key, "is not a text");
    return std::string(otherwise);
}

std::int64_t settings::integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most)
{
    auto const node = parts_->ask(key);
    if (!node) return otherwise;
    auto const value = node.value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most) return *value;
    complain(key, "is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return otherwise;
}

bool settings::flag(std::string_view key, bool otherwise)
{
    auto const node = parts_->ask(key);
    if (!node) return otherwise;
    if (auto const value = node.value_exact<bool>()) return *value;
    complain(key, "is neither true nor false");
    return otherwise;
}

std::vector<std::string> settings::texts(std::string_view key)
{
    std::vector<std::string> out;
    auto const node = parts_->ask(key);
    if (!node) return out;
    auto const* list = node.as_array();
    if (list == nullptr) {
        complain(key, "is not a list of texts");
        return out;
    }
    for (auto const& entry : *list) {
        auto value = entry.value_exact<std::string>();
        if (value)
            out.push_back(std::move(*value));
        else
            complain(key, "is not a list of texts");
    }
    return out;
}

std::chrono::seconds settings::seconds(std::string_view key, std::chrono::seconds otherwise, std::chrono::seconds least,
                                       std::chrono::seconds most)
{
    return std::chrono::seconds(integer(key, otherwise.count(), least.count(), most.count()));
}

void settings::complain(std::string_view key, std::string_view what)
{
    parts_->complain('"' + std::string(key) + "\" " + std::string(what));
}

std::optional<std::string> settings::finish()
{
    std::vector<std::string> present;
    list_keys(parts_->table, "", present);
    for (auto const& key : present) {
        if (parts_->complaint || parts_->known.contains(key)) continue;
        auto const nearest =
            std::min_element(parts_->known.begin(), parts_->known.end(),
                             [&](auto const& a, auto const& b) { return distance(key, a) < distance(key, b); });
        auto const hint = nearest == parts_->known.end() ? "" : "; did you mean \"" + *nearest + "\"?";
        parts_->complain("unknown key \"" + key + '"' + hint);
    }
    return parts_->complaint;
}

}  // namespace tp
