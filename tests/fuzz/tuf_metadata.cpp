// Whatever comes from a repository is read without harm, and no octets that nobody signed are trusted or kept.
#include "firmware-signing/tuf/metadata.hpp"

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refresh.hpp"
#include "firmware-signing/tuf/target_search.hpp"

namespace {

using namespace tp::tuf;

signers somebody()
{
    auto const list = json::document::read(
        R"({"eaf1e23f6c823132f437a2eaa299a7950f7386631deff273db195bbd26209e2b":{"keytype":"ed25519","scheme":"ed25519",)"
        R"("keyval":{"public":"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"}}})");
    return {read_keys(list->root()).value(), 1};
}

trusted_metadata trust(targets const& top)
{
    trusted_metadata out;
    out.targets = top;
    for (auto const& each : top.delegations) out.snapshot.files[each.name + ".json"] = {};
    return out;
}

/// Answers every step of a search with the same octets. It comes to an end.
void search(trusted_metadata const& in, std::string const& octets)
{
    target_search machine(in, "x/y");
    for (int steps = 0; steps < 200; ++steps) {
        if (std::holds_alternative<finished>(machine.next()) || std::holds_alternative<failed>(machine.next())) return;
        bool const fetched = std::holds_alternative<download>(machine.next());
        machine.answer(fetched ? tp::result<std::string>(octets) : tp::result<std::string>(tp::errc::not_found));
    }
    __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    static auto const known = somebody();
    std::string const octets(reinterpret_cast<char const*>(data), size);
    auto const file = signed_file::read(octets);
    if (!file) return 0;
    if (file->require(known)) __builtin_trap();
    auto const content = file->content();
    (void)read_root(content);
    (void)read_timestamp(content);
    (void)read_snapshot(content);
    if (auto const said = read_targets(content)) search(trust(*said), octets);
    refresh machine(sys_seconds{});
    machine.answer(octets);  // as if it were the root in hand
    return 0;
}
