#include "probe/agent/block_keeper.hpp"

#include <utility>

#include "base/log.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "measure";

}  // namespace

void block_keeper::restore()
{
    auto kept = files_.blocks();
    if (kept) return use(std::move(*kept));
    if (kept.error() != boost::system::errc::no_such_file_or_directory)
        log::warning(component, "the list of blocks that was kept is not used: " + kept.error().message());
}

void block_keeper::take(result<std::string> list)
{
    auto read = list ? proto::decode_blocks(*list) : result<proto::block_list>(list.error());
    if (!read) return into_.report("document_refused", "blocks: " + read.error().message());
    version_ = read->version;
    auto const before = files_.blocks();
    bool const same = before && *before == *read;
    if (auto const kept = same ? result<void>() : files_.keep(*read); !kept)
        log::error(component, "the list of blocks cannot be remembered: " + kept.error().message());
    use(std::move(*read));
}

void block_keeper::use(proto::block_list list)
{
    log::info(component, std::to_string(list.prefixes.size()) + " address blocks are to be left alone");
    into_.use(std::move(list.prefixes));
}

}  // namespace tp::probe
