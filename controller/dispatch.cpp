#include "controller/dispatch.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace tp::controller {
namespace {

template <class Id>
void add_once(std::vector<Id>& to, std::unordered_set<std::int32_t>& seen, std::int32_t key)
{
    auto const id = Id::from(key);
    if (id && seen.insert(key).second) to.push_back(*id);
}

}  // namespace

concerned sort_out(std::vector<store::change> const& changes)
{
    concerned out;
    std::unordered_set<std::int32_t> measurements, probes;
    for (auto const& each : changes) {
        if (each.kind == "measurement") add_once(out.measurements, measurements, each.key);
        bool const of_probe = each.kind == "probe" || each.kind == "placement" || each.kind == "trust";
        if (of_probe) add_once(out.probes, probes, each.key);
        if (each.kind == "document") out.documents = true;
        if (each.kind == "firmware") out.repository = true;
        if (each.kind == "instruction") out.instructions = true;
    }
    return out;
}

std::vector<proto::job_page> pages_of(std::vector<proto::job> jobs)
{
    std::vector<proto::job_page> out(1);
    std::size_t octets = 0;  // of the last page
    for (auto& job : jobs) {
        auto const size = proto::encode(job).size();
        auto const count = out.back().jobs.size();
        if (count == jobs_in_page || (count != 0 && octets + size > page_octets)) {
            out.emplace_back();
            octets = 0;
        }
        octets += size;
        out.back().jobs.push_back(std::move(job));
    }
    out.front().first = true;
    out.back().last = true;
    return out;
}

job_ledger::next job_ledger::note(job_news const& news)
{
    if (!listing_) return apply(news);
    auto const same = std::find_if(deferred_.begin(), deferred_.end(),
                                   [&](auto const& each) { return each.measurement == news.measurement; });
    if (same != deferred_.end()) {
        *same = news;
        return next::nothing;
    }
    if (deferred_.size() == most_deferred) return next::too_many;
    deferred_.push_back(news);
    return next::nothing;
}

job_ledger::next job_ledger::apply(job_news const& news)
{
    auto const at = std::lower_bound(held_.begin(), held_.end(), news.measurement);
    bool const held = at != held_.end() && *at == news.measurement;
    if (news.takes_part) {
        if (!held) held_.insert(at, news.measurement);
        return next::send;
    }
    if (!held) return next::nothing;
    held_.erase(at);
    return next::send;
}

bool job_ledger::ask_again()
{
    again_ = listing_;
    return !std::exchange(listing_, true);
}

void job_ledger::listed(std::vector<proto::job> const& jobs)
{
    held_.clear();
    held_.reserve(jobs.size());
    for (auto const& job : jobs) held_.push_back(job.measurement);
    std::sort(held_.begin(), held_.end());
}

std::vector<std::shared_ptr<std::string const>> job_ledger::caught_up()
{
    listing_ = false;
    std::vector<std::shared_ptr<std::string const>> out;
    for (auto const& news : std::exchange(deferred_, {})) {
        if (apply(news) == next::send) out.push_back(news.frame);
    }
    return out;
}

bool job_ledger::holds(measurement_id measurement) const
{
    return std::binary_search(held_.begin(), held_.end(), measurement);
}

void recent_changes::note(probe_id probe)
{
    probes_.push_back(probe);
    if (probes_.size() <= most) return;
    probes_.pop_front();
    ++first_;
}

bool recent_changes::touched_since(mark since, probe_id probe) const
{
    if (since < first_) return true;
    auto const begin = probes_.begin() + static_cast<std::ptrdiff_t>(since - first_);
    return std::find(begin, probes_.end(), probe) != probes_.end();
}

}  // namespace tp::controller
