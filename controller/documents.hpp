#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/block_list.hpp"
#include "proto/messages.hpp"
#include "store/documents.hpp"

/// Signed documents on their way to the probes, without I/O. Nobody here judges them: the probes do.
namespace tp::controller {

/// Those that probes know by name. Each costs proto::document_part::largest_document octets here, once for all sessions
/// together, and twice while a newer one is being handed out.
inline constexpr std::array known_documents{proto::document_part::anchors, proto::blocks_document};

/// A document as frames, made once: all sessions share it.
struct framed_document {
    std::string name;
    std::uint64_t version = 0;
    std::vector<std::string> frames;  // at least one
};
using document_ptr = std::shared_ptr<framed_document const>;

/// The newest document of each known name.
class document_shelf {
public:
    /// Takes what the store has, and returns what is new here. One that is too large for probes is left out, and
    /// logged.
    std::vector<document_ptr> put(std::vector<store::signed_octets> const& found);
    std::vector<document_ptr> const& all() const noexcept { return documents_; }

private:
    std::vector<document_ptr> documents_;
};

/// Those that the probe does not hold.
std::vector<document_ptr> lacking(std::vector<document_ptr> const& all, std::vector<proto::held_document> const& held);

}  // namespace tp::controller
