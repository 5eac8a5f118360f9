#include "probe/update/memory.hpp"

#include <array>

#include "base/files.hpp"
#include "firmware-signing/lines.hpp"
#include "probe/firmware/checked_text.hpp"
#include "probe/firmware/sha256.hpp"

namespace tp::update {
namespace {

constexpr std::string_view first_line = "trigpoint-updates 1";
constexpr std::size_t longest_line = 2 * proto::signed_instruction::largest + 16;  // octets
constexpr std::size_t most_control = 16;
constexpr std::size_t longest_name = 32;  // octets of a control target's
constexpr std::size_t hash_octets = firmware::sha256::digits / 2;
constexpr unsigned private_file = 0600;
constexpr std::array<std::string_view, 3> plans{"at", "declined", "too-late"};

std::string number(wall_time at)
{
    return std::to_string(std::max<std::int64_t>(at.time_since_epoch().count(), 0));
}

std::optional<wall_time> read_time(std::string_view digits)
{
    auto const count = signing::read_number(digits, INT64_MAX);
    if (!count) return std::nullopt;
    return wall_time(std::chrono::nanoseconds(static_cast<std::int64_t>(*count)));
}

std::string last_text(last_accepted const& last, std::string const& signature)
{
    std::string out = "last " + signing::to_hex(last.key) + ' ' + number(last.issued) + '\n';
    if (!last.octets.empty())
        out += "instruction " + signing::to_hex(last.octets) + "\nsignature " + signing::to_hex(signature) + '\n';
    return out;
}

/// Reads lines that may be missing, in their order.
class reader {
public:
    explicit reader(std::string_view text) : in_(text) {}

    /// The value of the next line if it has this key; then the line is taken.
    std::optional<std::string_view> take(std::string_view key)
    {
        auto const rest = in_.rest();
        if (!rest.starts_with(std::string(key) + ' ')) return std::nullopt;
        auto const value = in_.take_value(key, longest_line);
        if (!value) return std::nullopt;
        return *value;
    }
    bool at_end() const { return in_.empty(); }

private:
    signing::line_reader in_;
};

bool read_control(std::string_view line, memory& out)
{
    auto const name = signing::take_word(line);
    bool const is_name = !name.empty() && name.size() <= longest_name && signing::is_plain_text(name);
    if (!is_name || !signing::from_hex(line, hash_octets) || out.control.size() == most_control) return false;
    if (!out.control.empty() && out.control.rbegin()->first >= name) return false;  // one order
    out.control.emplace(name, line);
    return true;
}

bool read_last(std::string_view line, memory& out)
{
    auto const key = signing::from_hex(signing::take_word(line), proto::signed_instruction::key_length);
    auto const issued = read_time(line);
    if (!key || !issued) return false;
    out.last = last_accepted{*key, *issued, {}};
    return true;
}

bool read_instruction(std::string_view digits, reader& in, memory& out)
{
    auto const octets = signing::from_hex(digits, digits.size() / 2);
    auto const after = in.take("signature");
    auto const signature =
        after ? signing::from_hex(*after, proto::signed_instruction::signature_length) : errc::malformed;
    if (!octets || octets->empty() || octets->size() > proto::signed_instruction::largest || !signature) return false;
    out.last->octets = *octets;
    out.signature = *signature;
    return true;
}

bool read_plan(std::string_view line, memory& out)
{
    auto const word = signing::take_word(line);
    auto const* const known = std::find(plans.begin(), plans.end(), word);
    auto const at = read_time(line);
    if (known == plans.end() || !at) return false;
    out.plan = begin_plan{static_cast<begin_plan::kind>(known - plans.begin()), *at};
    return true;
}

/// "downloading none 0": where it stands, why it did not go on, and whether that is the last word.
bool read_progress(std::string_view line, memory& out)
{
    auto const at = phase_of(signing::take_word(line));
    auto const why = firmware::cause_of(signing::take_word(line));
    auto const over = signing::read_number(line, 1);
    if (!at || !why || !over) return false;
    out.at = *at;
    out.why = *why;
    out.over = *over == 1;
    return true;
}

}  // namespace

std::string memory::text() const
{
    std::string out(first_line);
    out += "\naccepted " + number(accepted) + "\nroot " + std::to_string(root_version) + '\n';
    for (auto const& [name, hash] : control) out += "control " + name + ' ' + hash + '\n';
    if (last) out += last_text(*last, signature);
    out +=
        "progress " + std::string(name_of(at)) + ' ' + std::string(firmware::name_of(why)) + (over ? " 1\n" : " 0\n");
    if (plan) out += "plan " + std::string(plans[static_cast<std::size_t>(plan->is)]) + ' ' + number(plan->at) + '\n';
    return firmware::with_check(std::move(out));
}

result<memory> memory::parse(std::string_view octets)
{
    auto const text = firmware::without_check(octets, largest);
    if (!text || !text->starts_with(std::string(first_line) + '\n')) return errc::malformed;
    reader in(text->substr(first_line.size() + 1));
    memory out;
    auto const accepted = in.take("accepted");
    auto const at = accepted ? read_time(*accepted) : std::nullopt;
    auto const root = in.take("root");
    auto const version = root ? signing::read_number(*root, UINT64_MAX) : errc::malformed;
    if (!at || !version) return errc::malformed;
    out.accepted = *at;
    out.root_version = *version;
    while (auto const line = in.take("control"))
        if (!read_control(*line, out)) return errc::malformed;
    auto const last = in.take("last");
    if (last && !read_last(*last, out)) return errc::malformed;
    auto const instruction = last ? in.take("instruction") : std::nullopt;
    if (instruction && !read_instruction(*instruction, in, out)) return errc::malformed;
    auto const progress = in.take("progress");
    if (!progress || !read_progress(*progress, out)) return errc::malformed;
    auto const plan = in.take("plan");
    if (plan && !read_plan(*plan, out)) return errc::malformed;
    if (!in.at_end()) return errc::malformed;
    return out;
}

std::filesystem::path memory_file(std::filesystem::path const& folder)
{
    return folder / "memory";
}

memory load_memory(std::filesystem::path const& file)
{
    auto octets = read_file(file, memory::largest);
    bool const is_known = octets || octets.error() == boost::system::errc::no_such_file_or_directory;
    if (!is_known) octets = read_file(file, memory::largest);  // a disk that could not be read for once
    auto read = octets ? memory::parse(*octets) : errc::not_found;
    return read ? std::move(*read) : memory();
}

result<void> save_memory(std::filesystem::path const& file, memory const& what)
{
    return write_atomically(file, what.text(), private_file);
}

}  // namespace tp::update
