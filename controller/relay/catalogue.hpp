#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "proto/messages.hpp"
#include "store/firmware_files.hpp"

namespace tp::controller {

/// What of a file is to be sent: `count` octets from `from` of one of its pieces.
struct portion {
    store::firmware_file_id file;
    std::uint64_t size = 0;  // of the whole file
    std::uint32_t number = 0;
    std::size_t from = 0, count = 0;
};

/// Which files the repository has, as of its last change. All of them (store::most_firmware_files at most, so some 5
/// MB): a request for a file that is not there costs the store nothing.
class catalogue {
public:
    void replace(std::vector<store::firmware_file> const& files);
    /// The answer, if there are no octets in it; else what has to be sent.
    std::variant<proto::file_part, portion> look_up(proto::file_request const& asked) const;

private:
    struct entry {
        store::firmware_file_id id;
        std::uint64_t size = 0;
    };
    std::unordered_map<std::string, entry> files_;
};

}  // namespace tp::controller
