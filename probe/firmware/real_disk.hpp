#pragma once

#include "probe/firmware/disk.hpp"

namespace tp::firmware {

/// This machine's. No link is followed where a file is opened or made.
class real_disk final : public disk {
public:
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
};

}  // namespace tp::firmware
