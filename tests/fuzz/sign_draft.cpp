// Any octets are a draft or refused; a draft is written as it was read, can be shown, and is metadata that clients
// read.
#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::repository;
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    auto const read = draft::read(octets);
    if (!read) return 0;
    if (read->octets() != octets) __builtin_trap();
    auto const document = tp::tuf::json::document::read(read->signed_octets());
    if (!document) __builtin_trap();
    bool const root = std::holds_alternative<root_content>(read->says());
    bool const known =
        root ? tp::tuf::read_root(document->root()).has_value() : tp::tuf::read_targets(document->root()).has_value();
    if (!known) __builtin_trap();
    auto const shown = tp::signing::tool::draft_text(*read, nullptr, statement_of(read->says()).expires);
    if (shown.find('\x1b') != shown.npos) __builtin_trap();
    (void)complaint_about(read->says());
    (void)complaint_about_successor(read->says(), read->says());
    return 0;
}
