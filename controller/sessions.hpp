#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "controller/session.hpp"

namespace tp::controller {

/// Which probes are here: one session each, the newest.
class sessions {
public:
    using list = std::vector<std::shared_ptr<session>>;

    /// What a session is told whose place another one has taken.
    static proto::refuse replaced();

    /// Lets a session in. A session of the same probe is told that it was replaced, and answered.
    std::shared_ptr<session> enter(std::shared_ptr<session> newcomer);
    /// Nothing happens when another session took its place.
    void leave(session const& gone);

    std::shared_ptr<session> find(probe_id probe) const;
    bool is_present(session const& one) const;
    list all() const;
    std::size_t size() const noexcept { return by_probe_.size(); }

private:
    std::unordered_map<probe_id, std::shared_ptr<session>> by_probe_;
};

}  // namespace tp::controller
