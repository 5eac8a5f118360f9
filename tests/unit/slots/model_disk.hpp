#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "probe/firmware/disk.hpp"

namespace tp::firmware::test {

/// The process dies at this call.
struct killed {};

/// What goes wrong at one call, or from one call on.
enum class fault {
    none,
    kill,        // the process ends; the machine goes on
    io_error,    // EIO
    no_space,    // ENOSPC, at calls that can need space; others go well
    half,        // a write writes half and then says ENOSPC
    full_disk,   // ENOSPC from here on, at calls that can need space
    bad_writes,  // EIO from here on, at calls that change something
};

/// What a power cut leaves of what was not flushed.
enum class leftover {
    nothing,
    all,
    names_only,   // new names of files without their octets
    octets_only,  // octets in files that have their old names
    names_and_half,
    names_and_zeros,
    random,
};

/// A file system in memory that promises no more than POSIX does: octets last once their file was flushed, names once
/// their folder was, in no order before that.
class model_disk final : public disk {
public:
    struct node;
    model_disk();

    void fail_at(std::uint64_t call, fault how) noexcept
    {
        fault_at_ = call;
        fault_ = how;
    }
    void heal() noexcept { fault_ = fault::none; }
    std::uint64_t calls() const noexcept { return calls_; }
    bool struck() const noexcept { return struck_; }
    void cut_power(leftover what, std::uint64_t seed);

    /// Beside the counted calls: the octets of a file, if there is one.
    std::optional<std::string> content(path const& file) const;
    /// A file that is there for good; its folders, too.
    void put(path const& file, std::string octets);
    /// The same for a device: its size stays, a power cut mixes old and new sectors.
    void put_device(path const& device, std::size_t size);

    result<std::unique_ptr<readable>> open(path const& file) override;
    result<std::unique_ptr<writable>> create(path const& file, unsigned mode) override;
    result<std::unique_ptr<writable>> reopen(path const& file) override;
    result<void> make_folder(path const& folder) override;
    result<std::vector<std::string>> list(path const& folder) override;
    result<std::string> read_link(path const& link) override;
    result<void> make_link(std::string const& to, path const& link) override;
    result<void> rename(path const& from, path const& to) override;
    result<void> remove(path const& file) override;
    result<void> remove_folder(path const& folder) override;
    result<void> flush_folder(path const& folder) override;
    result<std::unique_ptr<memory_file>> in_memory() override;

    enum class sort { reads, changes, needs_space, writes };
    /// Counts a call. An error: it fails.
    result<void> call(sort what);
    bool cut_short() const noexcept { return cut_short_; }

private:
    using node_ptr = std::shared_ptr<node>;
    node_ptr find(path const& at) const;
    void set(node& folder, std::vector<std::pair<std::string, node_ptr>> names);

    node_ptr root_;
    std::uint64_t calls_ = 0, fault_at_ = 0;
    fault fault_ = fault::none;
    bool struck_ = false, cut_short_ = false;
};

}  // namespace tp::firmware::test
