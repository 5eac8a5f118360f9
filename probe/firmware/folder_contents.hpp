#pragma once

#include "probe/firmware/slot_contents.hpp"

namespace tp::firmware {

/// Slots in a folder, each a folder that is named after it and its release:
///
///     a-16/, b-17/   program, manifest
///     *.new          being written; of no meaning
class folder_contents final : public slot_contents {
public:
    folder_contents(disk& on, std::filesystem::path folder, std::size_t block)
        : disk_(on), folder_(std::move(folder)), block_(block)
    {
    }

    result<verified_program> open(slot which, std::uint64_t release) override;
    result<manifest> check(slot which, std::uint64_t release) override;
    result<manifest> read_manifest(slot which, std::uint64_t release) override;
    result<found_releases> found() override;
    result<void> clear(slot which) override;
    result<void> fill(slot which, manifest const& content, readable& source) override;
    std::filesystem::path program(slot which, std::uint64_t release) const override;

private:
    disk& disk_;
    std::filesystem::path folder_;
    std::size_t block_;
};

}  // namespace tp::firmware
