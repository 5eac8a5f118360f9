#include "probe/spool/spool.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/files.hpp"
#include "probe/spool/record.hpp"

namespace tp::probe {
namespace {

constexpr char const* place_file = "acknowledged";
constexpr std::size_t largest_place_file = 64;  // octets
constexpr std::size_t result_overhead = 64;     // octets of a record beside the report, at most

/// Of the disk itself. Any other error is of this process or this machine, and passes: too few descriptors or too
/// little memory is no reason to give results up.
bool is_of_the_medium(error_code why)
{
    return why.value() == EIO || why.value() == EUCLEAN || why.value() == EBADMSG;
}

}  // namespace

spool::spool(std::filesystem::path folder, spool_limits limits)
    : folder_(std::move(folder)), limits_(limits), files_(folder_, limits.write ? limits.write : ::write)
{
    if (!limits_.now) limits_.now = std::chrono::steady_clock::now;
}

result<spool> spool::open(std::filesystem::path folder, spool_limits limits)
{
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return error_code(errno, boost::system::system_category());
    spool out(std::move(folder), limits);
    auto const found = out.files_.scan();
    if (!found) return found.error();
    out.restore_place();
    return out;
}

/// A lost or damaged place is no harm: what is still there is then sent again.
void spool::restore_place()
{
    auto const content = read_file(folder_ / place_file, largest_place_file);
    auto const record = content ? read_record(*content) : framed{};
    if (record.is == framed::kind::whole && record.body.size() == 16)
        done_ = {get_number(record.body.substr(0, 8)), get_number(record.body.substr(8))};
    auto const kept = done_;
    files_.number_after(kept.segment);  // or new segments would be taken for acknowledged ones at a later start
    skip_removed();
    if (done_ < kept) keep_place();
    read_ = done_;
    while (!files_.sizes().empty() && files_.sizes().begin()->first < done_.segment)
        files_.remove(files_.sizes().begin()->first);
}

/// Written without flushing: an older place after a power cut only means that results are sent twice.
void spool::keep_place()
{
    std::string body;
    put_number(body, done_.segment, 8);
    put_number(body, done_.offset, 8);
    auto const beside = folder_ / (std::string(place_file) + ".new");
    auto const record = frame_record(body);
    auto* const file = std::fopen(beside.c_str(), "we");
    if (!file) return;
    bool const written = std::fwrite(record.data(), 1, record.size(), file) == record.size();
    bool const closed = std::fclose(file) == 0;
    if (!written || !closed) return;
    std::error_code ignored;
    std::filesystem::rename(beside, folder_ / place_file, ignored);
}

/// Moves `done_` to the first segment that exists.
void spool::skip_removed()
{
    auto const& sizes = files_.sizes();
    auto const at = sizes.lower_bound(done_.segment);
    if (at != sizes.end() && at->first == done_.segment) return;
    // A place beyond every segment is one from a folder that was emptied: start with what there is.
    auto const first = at != sizes.end() ? at : sizes.begin();
    done_ = {first != sizes.end() ? first->first : files_.newest() + 1, 0};
}

result<void> spool::append(proto::result_item const& item)
{
    auto const record = frame_record(encode_result(item));
    if (!make_room(record.size())) {
        ++dropped_;
        return errc::too_large;
    }
    for (;;) {
        result<void> written;
        if (!files_.open() || files_.sizes().at(files_.newest()) + record.size() > limits_.segment)
            written = files_.begin();
        if (written) written = files_.append(record);
        if (written) return written;
        bool const full = written.error().value() == ENOSPC || written.error().value() == EDQUOT;
        full_ = full_ || full;
        if (!full || files_.total() == 0) {
            ++dropped_;
            return written;
        }
        drop_oldest();
    }
}

bool spool::make_room(std::uint64_t wanted)
{
    if (wanted > limits_.octets) return false;
    while (files_.total() + wanted > limits_.octets) drop_oldest();
    return true;
}

void spool::drop_oldest()
{
    auto const oldest = files_.sizes().begin()->first;
    if (done_.segment <= oldest) {
        dropped_ += count_from(done_.segment == oldest ? done_ : place{oldest, 0});
        // Batches that came back acknowledged out of order were counted as well; they are few and it is an upper bound.
    }
    files_.remove(oldest);
    while (!batches_.empty() && batches_.front().from.segment <= oldest) batches_.pop_front();
    if (done_.segment <= oldest) {
        done_ = {oldest + 1, 0};
        skip_removed();
    }
    read_ = std::max(read_, done_);
    keep_place();
}

/// What stands at a place that reading could not get beyond: a torn record is one whose writing was cut short, which
/// append() never reported as kept; anything else is at least one result lost.
void spool::count_damage(place at)
{
    auto const size = files_.sizes().find(at.segment);
    if (size == files_.sizes().end() || at.offset >= size->second) return;  // it was read to its end
    auto const content = files_.read(at.segment, at.offset, record_head + largest_record);
    if (!content || read_record(*content).is != framed::kind::torn) ++dropped_;
}

std::uint64_t spool::count_from(place from) const
{
    auto const size = static_cast<std::size_t>(files_.sizes().at(from.segment));
    auto const content = files_.read(from.segment, from.offset, size);
    if (!content) return from.offset < size ? 1 : 0;  // at least
    std::uint64_t count = 0;
    std::string_view rest = *content;
    for (auto record = read_record(rest); record.is == framed::kind::whole; record = read_record(rest)) {
        rest.remove_prefix(record.consumed);
        ++count;
    }
    return count;
}

result<void> spool::flush()
{
    return files_.flush();
}

std::size_t spool::in_flight() const noexcept
{
    return static_cast<std::size_t>(std::count_if(batches_.begin(), batches_.end(),
                                                  [](auto const& one) { return one.is == batch::state::in_flight; }));
}

std::optional<proto::result_batch> spool::next()
{
    if (in_flight() >= limits_.in_flight) return std::nullopt;
    proto::result_batch out;
    auto waiting =
        std::find_if(batches_.begin(), batches_.end(), [](auto const& one) { return one.is == batch::state::waiting; });
    if (waiting != batches_.end()) {
        if (!read_range(*waiting, out.results)) return std::nullopt;
        if (out.results.empty()) {  // the disk lost it meanwhile
            ++dropped_;             // at least
            waiting->is = batch::state::acknowledged;
            settle();
            return next();
        }
        waiting->number = ++numbered_;
        waiting->is = batch::state::in_flight;
    } else {
        auto const ahead = read_ahead(out.results);
        if (!ahead) return std::nullopt;
        batches_.push_back(*ahead);
        batches_.back().number = ++numbered_;
    }
    out.number = numbered_;
    return out;
}

/// Reads new results from where reading stopped. What is damaged is skipped with the rest of its segment.
std::optional<spool::batch> spool::read_ahead(std::vector<proto::result_item>& into)
{
    for (;;) {
        auto const size = files_.sizes().find(read_.segment);
        bool const newest = read_.segment == files_.newest() && files_.open();
        if (size != files_.sizes().end() && read_.offset < size->second) {
            batch out{read_, size->second, 0, batch::state::in_flight};
            if (!read_range(out, into)) return std::nullopt;
            if (!into.empty()) {
                read_.offset = out.from.offset;
                for (auto const& item : into) read_.offset += record_head + encode_result(item).size();
                out.until = read_.offset;
                return out;
            }
        }
        if (newest) return std::nullopt;
        auto const following = files_.sizes().upper_bound(read_.segment);
        if (following == files_.sizes().end()) return std::nullopt;
        count_damage(read_);
        read_ = {following->first, 0};
        settle();
    }
}

/// Whole, valid records of the range, up to a batch; none where they are lost. False: they cannot be read now.
bool spool::read_range(batch const& one, std::vector<proto::result_item>& into)
{
    auto const most = limits_.batch + record_head + result_overhead + proto::largest_report;
    auto const length = std::min<std::uint64_t>(one.until - one.from.offset, most);
    auto const content = files_.read(one.from.segment, one.from.offset, static_cast<std::size_t>(length));
    if (!content) return is_lost(one.from.segment, content.error());
    bad_.reset();
    std::string_view rest = *content;
    std::size_t octets = 0;
    while (into.size() < proto::most_results) {
        auto const record = read_record(rest);
        if (record.is != framed::kind::whole) return true;
        if (!into.empty() && octets + record.consumed > limits_.batch) return true;
        auto item = decode_result(record.body);
        if (!item) return true;
        into.push_back(std::move(*item));
        octets += record.consumed;
        rest.remove_prefix(record.consumed);
    }
    return true;
}

/// Whether what could not be read is given up, so that it does not hold up what stands behind it.
bool spool::is_lost(std::uint64_t segment, error_code why)
{
    unreadable_ = why;
    if (why.value() == ENOENT) return true;
    if (!is_of_the_medium(why)) return false;
    auto const now = limits_.now();
    if (!bad_ || bad_->number != segment) bad_ = bad_segment{segment, now};
    return now - bad_->since >= longest_unreadable;
}

void spool::acknowledge(std::span<std::uint64_t const> numbers)
{
    for (auto& one : batches_) {
        if (one.is == batch::state::in_flight && std::find(numbers.begin(), numbers.end(), one.number) != numbers.end())
            one.is = batch::state::acknowledged;
    }
    settle();
}

void spool::returned()
{
    for (auto& one : batches_) {
        if (one.is == batch::state::in_flight) one.is = batch::state::waiting;
    }
    numbered_ = 0;
}

/// Moves `done_` over what is acknowledged, and removes the files before it.
void spool::settle()
{
    auto const before = done_;
    while (!batches_.empty() && batches_.front().is == batch::state::acknowledged) {
        done_ = {batches_.front().from.segment, batches_.front().until};
        batches_.pop_front();
    }
    if (batches_.empty())
        done_ = read_;
    else
        done_ = std::max(done_, batches_.front().from);
    if (done_ == before) return;
    while (!files_.sizes().empty() && files_.sizes().begin()->first < done_.segment)
        files_.remove(files_.sizes().begin()->first);
    keep_place();
}

}  // namespace tp::probe
