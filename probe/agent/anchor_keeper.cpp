#include "probe/agent/anchor_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "firmware-signing/anchor_list.hpp"
#include "firmware-signing/signed_document.hpp"
#include "probe/agent/host_log.hpp"
#include "proto/messages.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "anchors";

static_assert(proto::document_part::anchors == signing::anchors_name);
static_assert(proto::document_part::largest_document == signing::largest_document);

/// Tells octets apart; whoever could make two alike could as well send none.
std::size_t fingerprint_of(std::string_view octets)
{
    return std::hash<std::string_view>()(octets);
}

std::string name_of(std::uint64_t version)
{
    return "the list of anchors, version " + std::to_string(version);
}

}  // namespace

struct anchor_keeper::believed {
    anchors list;
    std::uint64_t version = 0;
    wall_time expires;
};

anchor_keeper::anchor_keeper(signing::trusted_keys keys, kept_files files, seams into)
    : keys_(std::move(keys)), files_(std::move(files)), into_(std::move(into))
{
}

void anchor_keeper::start(wall_time now)
{
    if (keys_.empty()) return;
    restore();
    look(now);
}

/// @param now  the epoch: whatever its age.
result<anchor_keeper::believed> anchor_keeper::read(std::string_view octets, wall_time now) const
{
    auto const document = signing::verify(octets, keys_, {signing::anchors_name, now, highest_});
    if (!document) return document.error();
    believed out{.list = {}, .version = document->version, .expires = document->expires};
    auto const listed = signing::for_each_anchor(
        document->content, [&](signing::listed_anchor const& one) { out.list.add(one.addresses, one.ports); });
    if (!listed) return listed.error();
    return out;
}

void anchor_keeper::put_to_use(believed found)
{
    in_use_ = true;
    log::info(component, name_of(found.version) + ": " + std::to_string(found.list.size()) + " anchors, until " +
                             log_time(found.expires));
    into_.use(std::move(found.list));
}

/// From the disk, whatever its age. It is no more to be believed than what comes over the network.
void anchor_keeper::restore()
{
    held_.reset();
    auto const kept = files_.anchors();
    if (!kept) return;
    if (kept->keys == keys_.id()) highest_ = std::max(highest_, kept->version);
    auto const list = read(kept->octets, wall_time{});
    if (!list) return log::warning(component, "the list that was kept is not used: " + list.error().message());
    highest_ = list->version;
    held_ = held{list->version, list->expires, fingerprint_of(kept->octets)};
}

result<void> anchor_keeper::use_target(std::optional<std::string_view> list, wall_time now)
{
    anchors read;
    auto const listed =
        signing::for_each_anchor(list.value_or(std::string_view()),
                                 [&](signing::listed_anchor const& one) { read.add(one.addresses, one.ports); });
    if (!listed) return listed.error();
    by_target_ = list.has_value();
    in_use_ = false;
    into_.use(std::move(read));
    look(now);
    return {};
}

void anchor_keeper::look(wall_time now)
{
    if (by_target_ || !held_ || (now < held_->expires) == in_use_) return;
    if (in_use_) {
        in_use_ = false;
        into_.use({});
        return log::warning(component, name_of(held_->version) + ", has expired: HTTP goes nowhere");
    }
    // At the start, or the clock was set back. There is no second copy of the list in memory, but on the disk.
    auto const kept = files_.anchors();
    auto list = kept ? read(kept->octets, now) : result<believed>(errc::not_found);
    if (!list) return held_.reset();
    put_to_use(std::move(*list));
}

void anchor_keeper::take(result<std::string> document, clocks now)
{
    if (by_target_) return;
    if (keys_.empty()) {
        if (!std::exchange(said_no_keys_, true))
            log::warning(component,
                         "a list of anchors came, and this host trusts nobody's signature: HTTP goes nowhere");
        return;
    }
    auto const fingerprint = document ? fingerprint_of(*document) : 0;
    if (!document) return refuse(document.error(), fingerprint, now.steady);
    if (held_ && in_use_ && held_->fingerprint == fingerprint) return;
    auto list = read(*document, now.wall);
    if (!list) return refuse(list.error(), fingerprint, now.steady);

    highest_ = list->version;
    held_ = held{list->version, list->expires, fingerprint};
    if (auto const kept = files_.keep(kept_anchors{highest_, keys_.id(), std::move(*document)}); !kept)
        log::error(component, "the list cannot be remembered: " + kept.error().message());
    put_to_use(std::move(*list));
}

void anchor_keeper::refuse(error_code why, std::size_t fingerprint, steady_time now)
{
    using may_tell = update::seldom::answer;
    auto const answer = refusals_.may_tell(why.value(), fingerprint, now);
    if (answer == may_tell::no) return;
    log::warning(component, "a list of anchors is refused: " + why.message() +
                                (answer == may_tell::for_the_last_time ? "; no more of this is told for an hour" : ""));
    into_.report("document_refused", std::string(signing::anchors_name) + ": " + why.message());
}

std::optional<std::uint64_t> anchor_keeper::version() const
{
    if (!held_) return std::nullopt;
    return held_->version;
}

}  // namespace tp::probe
