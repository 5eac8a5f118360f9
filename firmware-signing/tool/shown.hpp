#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "firmware-signing/envelope.hpp"

namespace tp::signing::tool {

/// What a careful person reads before signing: all that the document says, and who signed. The digest is that of the
/// file before anybody signed it (`sha256sum`), for officers who compare by telephone.
std::string document_text(envelope const& document, wall_time now);

/// Why nobody should sign or believe this content: a document of a kind that this program cannot show, or one that is
/// not what its name says. Signatures are another matter.
std::optional<std::string> complaint_about_content(statement const& says);

}  // namespace tp::signing::tool
