#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/tuf/refresh.hpp"
#include "firmware-signing/tuf/target_search.hpp"
#include "tests/unit/tuf/js.hpp"
#include "tests/unit/tuf/test_key.hpp"

namespace tp::tuf::test {

inline constexpr sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15}};
inline constexpr char const* later = "2026-06-15T00:00:01Z";    // the first moment at which something has not expired
inline constexpr char const* expired = "2026-06-15T00:00:00Z";  // the last at which it has
inline constexpr char const* far = "2027-01-01T00:00:00Z";

/// A TUF repository: what each role is to say next, who signs, and what has been published. Tests bend the first two
/// and then publish. It starts with one key a role and version 1 of everything published.
class repository {
public:
    explicit repository(bool consistent = true);

    /// What a role is to say; "root", "timestamp", "snapshot", "targets" or a delegated role.
    js& says(std::string const& role) { return says_[role]; }
    /// Who signs for a role.
    std::vector<test_key>& signers(std::string const& role) { return signers_[role]; }

    /// Signs a role's content as it is, raises nothing, and puts it where clients fetch it. Snapshot and timestamp come
    /// to know the version (and octets, with `hashes`) of what is below them.
    void publish(std::string const& role);
    /// The same with the version one higher.
    void publish_next(std::string const& role);
    /// New versions of these, then of snapshot and timestamp.
    void release(std::vector<std::string> const& roles);

    /// Makes the root name these keys for a role, and the role be signed by them.
    void set_keys(std::string const& role, std::vector<test_key> keys, int threshold = 1);
    /// Lets `from` delegate to a role with these paths, and publishes the role's version 1.
    js& delegate(std::string const& from, std::string const& role, std::vector<std::string> const& paths,
                 bool terminating = false);
    void add_target(std::string const& role, std::string const& path, std::string const& octets);

    /// Signed as `role`'s signers would, but not published.
    std::string sealed(std::string const& role, js const& content) const;
    std::string sealed(js const& content, std::vector<test_key> const& by) const;
    std::string remote_name(std::string const& role, std::int64_t version) const;

    std::map<std::string, std::string> files;  // what clients can fetch
    bool hashes = false;                       // whether snapshot and timestamp state lengths and hashes
    bool consistent;

private:
    std::map<std::string, js> says_;
    std::map<std::string, std::vector<test_key>> signers_;
};

/// A client's folder and its connection: does what a machine asks for.
class client_world {
public:
    explicit client_world(repository const& from) : kept{{"root.json", from.files.at("1.root.json")}}, from_(&from) {}

    /// Runs a machine to its end. Nothing if it finished.
    template <class Machine>
    std::optional<failed> run(Machine& machine)
    {
        for (;;) {
            auto const& next = machine.next();
            if (std::holds_alternative<finished>(next)) return std::nullopt;
            if (auto const* const why = std::get_if<failed>(&next)) return *why;
            auto outcome = perform(next);
            if (stopped) return failed{"stopped", {}};
            machine.answer(std::move(outcome));
        }
    }

    /// A refresh: why it failed, or no error.
    error_code refresh_now(sys_seconds at = now, limits const& with = {});
    /// A refresh that must do well, and a search.
    error_code search_for(std::string const& path, sys_seconds at = now, limits const& with = {});

    std::int64_t kept_version(std::string const& file) const;

    result<std::string> perform(step const& next);

    std::map<std::string, std::string> kept;
    std::vector<std::string> requests;                        // names of files that were fetched
    std::vector<std::string> changes;                         // "save FILE", "forget FILE"
    std::map<std::string, error_code> outages;                // file at the repository -> what fetching it gives
    std::function<error_code(std::string const&)> on_change;  // an error: the change fails
    std::function<error_code(std::string const&)> on_load;
    std::optional<std::size_t> stop_after;  // so many changes: then the power is cut
    bool stopped = false;
    trusted_metadata found;
    target_file target;
    std::string failed_file;

private:
    repository const* from_;
};

}  // namespace tp::tuf::test
