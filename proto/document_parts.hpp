#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "proto/messages.hpp"

/// A document may be larger than a frame: so it travels in parts.
namespace tp::proto {

/// Cuts a document into parts of document_part::usual octets; one without any octets is one part, too.
/// @pre it has at most document_part::largest_document octets.
std::vector<document_part> parts_of(std::string_view name, std::string_view octets);

/// Joins the parts of the documents of one name, as they come in one session.
class document_joiner {
public:
    explicit document_joiner(std::string_view name) : name_(name) {}

    /// The document, once its last part is here. Parts of other names are passed over.
    /// Errors, each told once until the next first part, and what was joined is given up: errc::malformed for a part
    /// that follows nothing; errc::too_large beyond document_part::largest_document.
    std::optional<result<std::string>> take(document_part const& part);
    /// Forgets what has come so far: the session has ended.
    void clear();

private:
    enum class state { nothing, joining, broken };
    result<std::string> give_up(errc why);

    std::string name_, joined_;
    state is_ = state::nothing;
};

}  // namespace tp::proto
