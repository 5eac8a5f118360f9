#pragma once

#include "firmware-signing/tuf/transport.hpp"
#include "store/database.hpp"

namespace tp::registry {

/// The signed repository as it lies in the database.
class stored_files final : public tuf::transport {
public:
    explicit stored_files(store::database& database) : database_(database) {}

    boost::asio::awaitable<result<std::unique_ptr<tuf::incoming>>> open(tuf::part from, std::string file,
                                                                        std::uint64_t offset) override;

private:
    store::database& database_;
};

}  // namespace tp::registry
