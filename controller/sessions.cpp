#include "controller/sessions.hpp"

namespace tp::controller {

proto::refuse sessions::replaced()
{
    return {proto::refusal::replaced, "another session with this key has taken the place of this one", {}};
}

std::shared_ptr<session> sessions::enter(std::shared_ptr<session> newcomer)
{
    auto& place = by_probe_[newcomer->probe()];
    auto older = std::exchange(place, std::move(newcomer));
    if (older) older->end(replaced());
    return older;
}

void sessions::leave(session const& gone)
{
    if (is_present(gone)) by_probe_.erase(gone.probe());
}

std::shared_ptr<session> sessions::find(probe_id probe) const
{
    auto const found = by_probe_.find(probe);
    return found == by_probe_.end() ? nullptr : found->second;
}

bool sessions::is_present(session const& one) const
{
    auto const found = by_probe_.find(one.probe());
    return found != by_probe_.end() && found->second.get() == &one;
}

sessions::list sessions::all() const
{
    list out;
    out.reserve(by_probe_.size());
    for (auto const& [unused, each] : by_probe_) out.push_back(each);
    return out;
}

}  // namespace tp::controller
