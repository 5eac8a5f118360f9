#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "firmware-signing/tuf/limits.hpp"
#include "firmware-signing/tuf/refresh.hpp"
#include "firmware-signing/tuf/steps.hpp"
#include "firmware-signing/tuf/store.hpp"
#include "firmware-signing/tuf/target_search.hpp"
#include "firmware-signing/tuf/transport.hpp"

namespace tp::tuf {

/// A target and what trusted metadata says of it.
struct described_target {
    std::string path;
    target_file facts;
    bool consistent = false;  // whether names at the repository carry hashes
};

namespace asio = boost::asio;

class growing_file;

/// Does what the machines ask for, within the limits. One call at a time; store and transport must live longer.
class client {
public:
    client(metadata_store& kept, transport& from, limits const& with = {}) : kept_(kept), from_(from), with_(with) {}
    /// Goes on from what another one's update found.
    client(metadata_store& kept, transport& from, limits const& with, trusted_metadata found)
        : kept_(kept), from_(from), with_(with), trusted_(std::move(found))
    {
    }

    /// Brings the metadata of the top level up to date. Errors: those of the machine; refusal::too_slow; those of store
    /// and transport.
    asio::awaitable<result<void>> update(sys_seconds now);

    /// Looks for a target. @pre an update did well. Errors: likewise; refusal::no_such_target.
    asio::awaitable<result<described_target>> find(std::string path);

    /// Everything that is signed of targets now (target_walk.hpp): a path may be there more than once.
    /// @pre an update did well. Errors: likewise, without no_such_target.
    asio::awaitable<result<std::vector<described_target>>> list();

    /// Fetches a target into a folder: what is there already is not fetched, what came before is gone on with. Only
    /// whole and right files are seen there. The file's path. Errors: those of growing_file; refusal::too_slow; those
    /// of the transport.
    asio::awaitable<result<std::filesystem::path>> fetch(described_target wanted, std::filesystem::path folder);

    /// About which file the last error was, as it is named at the repository.
    std::string const& failed_file() const noexcept { return failed_file_; }
    trusted_metadata const& trusted() const noexcept { return *trusted_; }

private:
    template <class Machine>
    asio::awaitable<result<void>> drive(Machine& machine);
    result<std::string> perform(step const& wanted);
    asio::awaitable<result<std::string>> fetch_metadata(std::string file, std::uint64_t most);
    asio::awaitable<result<void>> receive(described_target const& wanted, growing_file& to);

    metadata_store& kept_;
    transport& from_;
    limits with_;
    std::optional<trusted_metadata> trusted_;
    std::string failed_file_;
};

}  // namespace tp::tuf
