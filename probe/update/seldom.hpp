#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>

#include "base/time.hpp"

namespace tp::update {

/// Whether a refusal is to be told of: once for each set of octets, and not without end for those who make up ever new
/// ones.
class seldom {
public:
    static constexpr std::size_t most = 16;  // different ones in `period`
    static constexpr std::chrono::hours period{1};

    enum class answer {
        yes,
        for_the_last_time,  // and then no more for the rest of the period
        no,
    };
    /// @param fingerprint  of the octets that were refused.
    answer may_tell(int why, std::size_t fingerprint, steady_time now)
    {
        refusal const one{why, fingerprint};
        if (std::find(told_.begin(), told_.end(), one) != told_.end()) return answer::no;
        if (count_ == 0 || now - since_ >= period) {
            count_ = 0;
            since_ = now;
        }
        if (count_ == most) return answer::no;
        if (told_.size() == most) told_.pop_front();
        told_.push_back(one);
        return ++count_ == most ? answer::for_the_last_time : answer::yes;
    }

private:
    struct refusal {
        int why = 0;
        std::size_t fingerprint = 0;
        bool operator==(refusal const&) const = default;
    };
    std::deque<refusal> told_;
    std::size_t count_ = 0;  // since
    steady_time since_{};
};

}  // namespace tp::update
