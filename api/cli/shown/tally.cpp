#include "api/cli/shown/tally.hpp"

#include <algorithm>

#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

std::string share_lost(std::size_t asked, std::size_t answered)
{
    if (asked == 0) return "-";
    return std::to_string((asked - std::min(asked, answered)) * 100 / asked) + " %";
}

double median_of(std::vector<double> times)
{
    auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    if (times.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(times.begin(), middle)) / 2;
}

struct words {
    std::string asked, answered, failed, verdict;
};

/// What is counted: packets of pings, else runs, queries, ...
words words_for(std::string_view type)
{
    if (type == "ping") return {"sent", "received", "lost", "reached the target"};
    if (type == "traceroute") return {"runs", "reached", "missed", "reached the target"};
    if (type == "sslcert") return {"asked", "answered", "failed", "saw a certificate"};
    return {"asked", "answered", "failed", "had an answer"};
}

}  // namespace

void tally::add(shown_result const& result)
{
    if (type_.empty()) type_ = result.type;
    auto& to = by_probe_[result.probe];
    to.asked += result.asked;
    to.answered += result.answered;
    if (!result.target.empty()) to.target = result.target;
    if (!result.remark.empty()) to.remark = result.remark;
    auto const taken = std::min(result.times.size(), most_times - times_);
    to.times.insert(to.times.end(), result.times.begin(), result.times.begin() + static_cast<std::ptrdiff_t>(taken));
    times_ += taken;
}

std::vector<std::string> tally::cells_of(sum const& one)
{
    std::vector<std::string> out{one.target, std::to_string(one.asked), std::to_string(one.answered),
                                 share_lost(one.asked, one.answered)};
    if (one.times.empty()) {
        out.insert(out.end(), 3, "*");
    } else {
        auto const [least, most] = std::minmax_element(one.times.begin(), one.times.end());
        out.insert(out.end(), {decimal_text(*least), decimal_text(median_of(one.times)), decimal_text(*most)});
    }
    out.push_back(one.remark);
    return out;
}

std::string tally::text(std::size_t expected) const
{
    using enum table::side;
    auto const say = words_for(type_);
    table rows({{"probe", right},
                {"target", left},
                {say.asked, right},
                {say.answered, right},
                {say.failed, right},
                {"min ms", right},
                {"median ms", right},
                {"max ms", right},
                {"last", left}});
    std::size_t good = 0;
    for (auto const& [probe, one] : by_probe_) {
        if (one.answered > 0) ++good;
        auto cells = cells_of(one);
        cells.insert(cells.begin(), std::to_string(probe));
        rows.add(std::move(cells));
    }
    auto const of = expected == 0 ? "" : " of " + std::to_string(expected);
    return rows.text() + std::to_string(by_probe_.size()) + of + " probes answered, " + std::to_string(good) + ' ' +
           say.verdict + '\n';
}

}  // namespace tp::cli
