#include "firmware-signing/tuf/command/http_transport.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>

#include "base/coroutine.hpp"

namespace tp::tuf {
namespace {

namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::size_t block_size = 16 * 1024;        // octets read at a time
constexpr std::uint32_t largest_header = 16 * 1024;  // octets; Beast lets up to twice as many pass

error_code tidy(error_code why)
{
    bool const cut =
        why == http::error::partial_message || why == http::error::end_of_stream || why == asio::error::eof;
    return cut ? make_error_code(errc::closed) : why;
}

/// The first number of "bytes 100-199/200".
std::uint64_t begin_of(std::string_view range)
{
    constexpr std::string_view unit = "bytes ";
    std::uint64_t out = 0;
    if (range.starts_with(unit)) std::from_chars(range.data() + unit.size(), range.data() + range.size(), out);
    return out;
}

class http_answer final : public incoming {
public:
    explicit http_answer(asio::any_io_executor const& on) : socket_(on)
    {
        parser_.header_limit(largest_header);
        parser_.body_limit(boost::none);  // whoever reads watches it
        buffer_.reserve(block_size);      // Beast reads no more at once than there is room for
    }

    asio::awaitable<result<void>> ask(http_place place, std::string file, std::uint64_t offset);
    std::uint64_t begins_at() const noexcept override { return begins_at_; }
    asio::awaitable<result<std::string>> read() override;

private:
    asio::awaitable<result<void>> connect(http_place place);
    error_code judge_head();

    tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
    http::response_parser<http::buffer_body> parser_;
    std::uint64_t begins_at_ = 0;
};

asio::awaitable<result<void>> http_answer::connect(http_place place)
{
    tcp::resolver resolver(socket_.get_executor());
    auto const [resolve_error, found] = co_await resolver.async_resolve(place.host, place.port, as_values);
    if (resolve_error) co_return resolve_error;
    auto const [connect_error, used] = co_await asio::async_connect(socket_, found, as_values);
    if (connect_error) co_return connect_error;
    co_return result<void>();
}

asio::awaitable<result<void>> http_answer::ask(http_place place, std::string file, std::uint64_t offset)
{
    auto const connected = co_await connect(place);
    if (!connected) co_return connected;
    http::request<http::empty_body> question(http::verb::get, place.target(file), 11);
    question.set(http::field::host, place.authority());
    question.set(http::field::user_agent, "trigpoint");
    question.keep_alive(false);
    if (offset > 0) question.set(http::field::range, "bytes=" + std::to_string(offset) + '-');
    auto const [write_error, written] = co_await http::async_write(socket_, question, as_values);
    if (write_error) co_return tidy(write_error);
    auto const [read_error, count] = co_await http::async_read_header(socket_, buffer_, parser_, as_values);
    if (read_error) co_return tidy(read_error);
    if (auto const why = judge_head()) co_return why;
    co_return result<void>();
}

error_code http_answer::judge_head()
{
    auto const& head = parser_.get();
    if (head.result() == http::status::not_found || head.result() == http::status::forbidden) return errc::not_found;
    if (head.result() == http::status::partial_content) {
        auto const range = head[http::field::content_range];
        begins_at_ = begin_of({range.data(), range.size()});
        return {};
    }
    return head.result() == http::status::ok ? error_code() : make_error_code(errc::rejected);
}

asio::awaitable<result<std::string>> http_answer::read()
{
    std::string block;
    while (!parser_.is_done()) {
        block.resize(block_size);
        parser_.get().body().data = block.data();
        parser_.get().body().size = block.size();
        auto const [why, count] = co_await http::async_read_some(socket_, buffer_, parser_, as_values);
        if (why && why != http::error::need_buffer) co_return tidy(why);
        block.resize(block.size() - parser_.get().body().size);
        if (!block.empty()) co_return block;
    }
    co_return std::string();
}

}  // namespace

asio::awaitable<result<std::unique_ptr<incoming>>> http_transport::open(part from, std::string file,
                                                                        std::uint64_t offset)
{
    auto answer = std::make_unique<http_answer>(co_await asio::this_coro::executor);
    auto const& place = from == part::metadata ? metadata_ : targets_;
    auto const asked = co_await answer->ask(place, std::move(file), offset);
    if (!asked) co_return asked.error();
    std::unique_ptr<incoming> out = std::move(answer);
    co_return result<std::unique_ptr<incoming>>(std::move(out));
}

}  // namespace tp::tuf
