#include "firmware-signing/tuf/named_files.hpp"

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "firmware-signing/tuf/signed_file.hpp"

namespace tp::tuf {
namespace {

constexpr char const* timestamp_file = "timestamp.json";
constexpr std::string_view ending = ".json";

/// What a file says, by one of the functions that read roles. Signatures are passed over.
template <class Said>
result<Said> said_in(std::string_view octets, result<Said> (*read)(json::value))
{
    auto const file = signed_file::read(octets);
    if (!file) return file.error();
    return read(file->content());
}

/// The same for a file that was asked for by its version.
template <class Said>
result<Said> said_in(result<std::string> const& outcome, std::uint64_t version, result<Said> (*read)(json::value))
{
    if (!outcome) return outcome.error();
    auto out = said_in(*outcome, read);
    if (out && out->version != version) return refusal::wrong_version;
    return out;
}

}  // namespace

named_files::named_files(std::string in_force, std::vector<std::string> before, limits const& with)
    : with_(with), timestamps_(std::move(before))
{
    timestamps_.push_back(std::move(in_force));
    next_timestamp();
}

void named_files::next_timestamp()
{
    while (!timestamps_.empty()) {
        auto const octets = std::move(timestamps_.back());
        timestamps_.pop_back();
        auto const said = said_in(octets, &read_timestamp);
        if (!said && in_force_) return fail(timestamp_file, said.error());
        if (said && is_new("snapshot", said->snapshot.version))
            return ask(download{file_, with_.snapshot}, &named_files::take_snapshot);
        in_force_ = false;
    }
    finish();
}

/// Whether this file was not found before: then it is now, and what is asked for next.
bool named_files::is_new(std::string const& role, std::uint64_t version)
{
    file_ = remote_file_of(role, version, true);
    version_ = version;
    return found_.metadata.insert(file_).second;
}

/// A file is not there or cannot be read.
void named_files::pass_over(error_code why)
{
    if (in_force_) return fail(file_, why);
    next_role();
}

void named_files::take_snapshot(result<std::string> outcome)
{
    auto const said = said_in(outcome, version_, &read_snapshot);
    if (!said) return pass_over(said.error());
    for (auto const& [name, facts] : said->files) {
        if (name.ends_with(ending)) roles_.emplace_back(name.substr(0, name.size() - ending.size()), facts.version);
    }
    next_role();
}

void named_files::next_role()
{
    while (!roles_.empty()) {
        auto const [role, version] = std::move(roles_.back());
        roles_.pop_back();
        if (is_new(role, version)) return ask(download{file_, with_.targets}, &named_files::take_role);
    }
    in_force_ = false;
    next_timestamp();
}

void named_files::take_role(result<std::string> outcome)
{
    auto const said = said_in(outcome, version_, &read_targets);
    if (!said) return pass_over(said.error());
    name_targets(*said);
    if (found_.metadata.size() + found_.targets.size() > most_names) return fail(file_, refusal::too_large);
    next_role();
}

void named_files::name_targets(targets const& said)
{
    for (auto const& [path, facts] : said.files) {
        found_.targets.insert(path);
        auto one = facts;
        if (facts.hashes.sha256) found_.targets.insert(remote_target(path, one, true));
        one.hashes.sha256.reset();
        if (facts.hashes.sha512) found_.targets.insert(remote_target(path, one, true));
    }
}

}  // namespace tp::tuf
