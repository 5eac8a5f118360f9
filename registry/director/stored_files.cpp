#include "registry/director/stored_files.hpp"

#include "store/firmware_files.hpp"

namespace tp::registry {
namespace {

/// One file, piece by piece.
class stored_file final : public tuf::incoming {
public:
    stored_file(store::database& database, store::firmware_file const& file, std::uint64_t offset)
        : database_(database), file_(file.id), size_(file.size), begin_(offset - offset % store::firmware_piece_size)
    {
        next_ = begin_;
    }

    std::uint64_t begins_at() const noexcept override { return begin_; }
    boost::asio::awaitable<result<std::string>> read() override
    {
        if (next_ >= size_) co_return std::string();
        auto const number = static_cast<std::uint32_t>(next_ / store::firmware_piece_size);
        next_ += store::firmware_piece_size;
        co_return co_await store::read_firmware_piece(database_, file_, number);
    }

private:
    store::database& database_;
    store::firmware_file_id file_;
    std::uint64_t size_, begin_, next_ = 0;
};

}  // namespace

boost::asio::awaitable<result<std::unique_ptr<tuf::incoming>>> stored_files::open(tuf::part from, std::string file,
                                                                                  std::uint64_t offset)
{
    auto path = (from == tuf::part::metadata ? "metadata/" : "targets/") + std::move(file);
    if (!store::is_firmware_path(path)) co_return errc::not_found;
    auto const found = co_await store::find_firmware_file(database_, std::move(path));
    if (!found) co_return found.error();
    std::unique_ptr<tuf::incoming> out =
        std::make_unique<stored_file>(database_, *found, std::min(offset, found->size));
    co_return std::move(out);
}

}  // namespace tp::registry
