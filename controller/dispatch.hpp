#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "proto/codec.hpp"
#include "proto/messages.hpp"
#include "store/change_feed.hpp"

/// The decisions of dispatch, without I/O: which changes concern what, who must be told, and in which portions.
namespace tp::controller {

// One page: libssh's buffers never shrink, so that the largest frame ever sent is what a session costs.
inline constexpr std::size_t jobs_in_page = 32;       // at most
inline constexpr std::size_t page_octets = 4 * 1024;  // of encoded jobs, unless one alone is larger
static_assert(page_octets + proto::largest_job < proto::largest_frame);

/// What a list of changes makes us read again, each once, in the order of its first change.
struct concerned {
    std::vector<measurement_id> measurements;
    std::vector<probe_id> probes;
    bool documents = false, instructions = false, repository = false;
};
concerned sort_out(std::vector<store::change> const& changes);

/// A whole job list in pages that each fit in a frame; an empty list is one empty page.
std::vector<proto::job_page> pages_of(std::vector<proto::job> jobs);

/// The news about one measurement for one probe: an encoded job_change, shared by all who are told the same.
struct job_news {
    measurement_id measurement;
    bool takes_part = false;  // the probe is to do it now; else: not any more
    std::shared_ptr<std::string const> frame;
};

/// Which jobs one session was given, and what it must still be told. While the whole list is being read and sent, news
/// wait: they are newer than any list that was asked for before they came, and are told after it. A session begins with
/// its list; later the whole list is sent again when the probe's standing changes what it may do.
class job_ledger {
public:
    static constexpr std::size_t most_deferred = 1'000;

    enum class next { send, nothing, too_many };
    /// What to do with news: to send them now, or nothing (they wait, or do not concern this session).
    next note(job_news const& news);

    /// The whole list has to be sent again. False: one is on its way, and whoever sends it will see to it.
    bool ask_again();

    /// The list is about to be read.
    void begin() noexcept { again_ = false; }
    /// The list that was read is about to be sent.
    void listed(std::vector<proto::job> const& jobs);
    /// Since begin() it was asked for again.
    bool outdated() const noexcept { return again_; }
    /// It was sent whole: the news that waited, in order. From now on news are told at once.
    std::vector<std::shared_ptr<std::string const>> caught_up();

    bool holds(measurement_id measurement) const;

private:
    next apply(job_news const& news);

    std::vector<measurement_id> held_;  // sorted
    std::vector<job_news> deferred_;
    bool listing_ = true, again_ = false;
};

/// Remembers the newest changes that concern probes, for those who asked the store about a probe and then had to wait:
/// did anything come in between?
class recent_changes {
public:
    static constexpr std::size_t most = 4'096;

    using mark = std::uint64_t;
    mark now() const noexcept { return first_ + probes_.size(); }
    void note(probe_id probe);
    /// True also when that is not known any more.
    bool touched_since(mark since, probe_id probe) const;

private:
    std::deque<probe_id> probes_;
    mark first_ = 0;
};

}  // namespace tp::controller
