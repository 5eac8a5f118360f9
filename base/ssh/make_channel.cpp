#include <utility>

#include "base/ssh/session.hpp"

namespace tp::ssh {
namespace {

class session_channel final : public channel {
public:
    explicit session_channel(std::shared_ptr<session> of) : session_(std::move(of)) {}
    session_channel(session_channel const&) = delete;
    session_channel& operator=(session_channel const&) = delete;
    ~session_channel() override { session_->close(); }

    boost::asio::awaitable<result<std::string>> read() override { return session_->read(); }
    boost::asio::awaitable<result<void>> write(std::string frame) override { return session_->write(std::move(frame)); }
    boost::asio::awaitable<result<void>> settled(std::size_t most) override { return session_->settled(most); }
    void close() override { session_->close(); }
    void abort() override { session_->abort(); }
    void vouch() override { session_->vouch(); }
    public_key const& peer() const override { return session_->peer().value(); }
    ip_address address() const override { return session_->address(); }
    std::optional<std::chrono::microseconds> round_trip() const override { return session_->round_trip(); }
    std::string const& subsystem() const override { return session_->subsystem(); }
    std::string const& user() const override { return session_->user(); }

private:
    std::shared_ptr<session> session_;
};

}  // namespace

std::shared_ptr<channel> make_channel(std::shared_ptr<session> of)
{
    return std::make_shared<session_channel>(std::move(of));
}

}  // namespace tp::ssh
