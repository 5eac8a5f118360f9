#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "firmware-signing/trusted_keys.hpp"
#include "probe/agent/kept.hpp"
#include "probe/guard/anchors.hpp"
#include "probe/schedule/schedule.hpp"
#include "probe/update/seldom.hpp"

namespace tp::probe {

/// The list of anchors: taken from whoever brings it if keys that the host trusts have signed it, kept over restarts,
/// and out of use from the moment at which it expires, by the clock of which it is told. A version that is older than
/// one that was ever believed under the same keys is refused, also after a restart; other keys begin anew, so that an
/// operator whose key was stolen can.
class anchor_keeper {
public:
    struct seams {
        std::function<void(anchors)> use;                                // from now on; none: HTTP goes nowhere
        std::function<void(std::string kind, std::string text)> report;  // to the platform
    };

    anchor_keeper(signing::trusted_keys keys, kept_files files, seams into);

    /// Takes up what was kept, judged anew. Reports nothing.
    void start(wall_time now);
    /// A document came, or the reason why what came is none.
    void take(result<std::string> document, clocks now);
    /// To be called again and again: lists expire, and clocks are set.
    void look(wall_time now);

    /// The list as officers signed it among the targets of the repository; none: they took it back. As long as there is
    /// one, documents are not looked at. Errors: those of signing::for_each_anchor().
    result<void> use_target(std::optional<std::string_view> list, wall_time now);

    /// The version that is here, expired or not.
    std::optional<std::uint64_t> version() const;

private:
    struct believed;  // a list, read
    struct held {
        std::uint64_t version = 0;
        wall_time expires;
        std::size_t fingerprint = 0;  // of the octets
    };
    result<believed> read(std::string_view octets, wall_time now) const;
    void restore();
    void put_to_use(believed found);
    void refuse(error_code why, std::size_t fingerprint, steady_time now);

    signing::trusted_keys keys_;
    kept_files files_;
    seams into_;
    std::uint64_t highest_ = 0;  // version that was ever believed under these keys
    std::optional<held> held_;
    bool in_use_ = false, said_no_keys_ = false;
    bool by_target_ = false;  // what is in use is no document
    update::seldom refusals_;
};

}  // namespace tp::probe
