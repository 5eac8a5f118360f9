#include "probe/update/tunnel.hpp"

#include <utility>

#include "base/coroutine.hpp"

namespace tp::update {

/// What is left of a file after its first piece is asked for when it is read.
class tunnelled_file final : public tuf::incoming {
public:
    tunnelled_file(tunnel& from, std::string path, std::uint64_t offset, proto::file_part first)
        : from_(from), path_(std::move(path)), begins_at_(offset), at_(offset), size_(first.size)
    {
        first_ = std::move(first.octets);
    }

    std::uint64_t begins_at() const noexcept override { return begins_at_; }

    boost::asio::awaitable<result<std::string>> read() override
    {
        auto octets = std::exchange(first_, {});
        if (octets.empty() && at_ < size_) {
            auto more = co_await from_.ask(path_, at_);
            if (!more) co_return more.error();
            if (more->size != size_) co_return errc::conflict;    // another file has come in its place
            if (more->octets.empty()) co_return errc::malformed;  // it would be asked for again and again
            octets = std::move(more->octets);
        }
        at_ += octets.size();
        co_return octets;
    }

private:
    tunnel& from_;
    std::string path_;
    std::uint64_t begins_at_, at_, size_;
    std::string first_;
};

tunnel::tunnel(boost::asio::any_io_executor executor, std::function<void()> on_news, std::chrono::nanoseconds limit)
    : on_news_(std::move(on_news)), limit_(limit), answered_(std::move(executor))
{
}

boost::asio::awaitable<result<std::unique_ptr<tuf::incoming>>> tunnel::open(tuf::part from, std::string file,
                                                                            std::uint64_t offset)
{
    auto path = (from == tuf::part::metadata ? "metadata/" : "targets/") + file;
    if (path.size() > proto::file_request::longest_path) co_return errc::too_large;
    auto first = co_await ask(path, offset);
    if (!first) co_return first.error();
    if (first->octets.empty() && offset < first->size) co_return errc::malformed;
    std::unique_ptr<tuf::incoming> out =
        std::make_unique<tunnelled_file>(*this, std::move(path), offset, std::move(*first));
    co_return result<std::unique_ptr<tuf::incoming>>(std::move(out));
}

boost::asio::awaitable<result<proto::file_part>> tunnel::ask(std::string path, std::uint64_t offset)
{
    if (!in_session()) co_return errc::closed;
    // Also when this coroutine is cancelled: nobody waits any more.
    struct ending {
        tunnel& self;
        ~ending() { self.forget_request(); }
    } const at_end{*this};
    auto const session = session_;
    awaited_ = ++number_;
    waiting_ = proto::file_request{number_, std::move(path), offset, piece};
    answered_.expires_after(limit_);
    on_news_();
    co_await answered_.async_wait(as_values);
    co_return answer_in(session);
}

result<proto::file_part> tunnel::answer_in(std::uint64_t session)
{
    if (session != session_) return errc::closed;
    if (!answer_) return errc::timed_out;
    if (answer_->status == proto::file_status::absent) return errc::not_found;
    if (answer_->status == proto::file_status::unavailable) return errc::unavailable;
    if (answer_->octets.size() > piece) return errc::malformed;
    return std::move(*answer_);
}

void tunnel::forget_request() noexcept
{
    awaited_ = 0;
    waiting_.reset();
    answer_.reset();
}

void tunnel::session_began()
{
    if (!in_session()) ++session_;
}

void tunnel::session_ended()
{
    if (in_session()) ++session_;
    waiting_.reset();
    sent_.reset();
    answered_.cancel();
}

std::optional<proto::file_request> tunnel::take_request(steady_time now)
{
    bool const under_way = sent_ && now - sent_->at < limit_;
    if (!waiting_ || under_way) return std::nullopt;
    sent_ = sent_request{waiting_->number, now};
    return std::exchange(waiting_, std::nullopt);
}

void tunnel::take(proto::file_part part)
{
    if (!sent_ || part.number != sent_->number) return;  // nobody asked for it
    sent_.reset();
    if (part.number == awaited_) {
        answer_ = std::move(part);
        answered_.cancel();
    } else if (waiting_) {
        on_news_();  // it waited for this
    }
}

}  // namespace tp::update
