#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "firmware-signing/tuf/client.hpp"
#include "registry/rollout/definition.hpp"

namespace tp::registry {

/// What officers signed: looked up in the repository as a probe would, with every signature, version and date judged.
class catalogue {
public:
    /// @param root  the first one that is trusted. @param from must live longer.
    catalogue(std::string root, tuf::transport& from);

    /// Brings metadata up to date. Errors: as tuf::client::update.
    boost::asio::awaitable<result<void>> refresh(wall_time now);
    /// What a probe would be given for this target. @pre a refresh did well. Errors: as tuf::client::find;
    /// errc::unsupported when it is no firmware; errc::malformed.
    boost::asio::awaitable<result<rollout::target>> find(std::string path);
    /// All firmware that is signed now, in expired channels, too. @pre a refresh did well. Errors: as
    /// tuf::client::list.
    boost::asio::awaitable<result<std::vector<rollout::target>>> list();

private:
    /// What is trusted is kept in memory: whoever leads begins with the first root.
    class memory final : public tuf::metadata_store {
    public:
        result<std::string> load(std::string const& file, std::uint64_t most) override;
        result<void> save(std::string const& file, std::string_view octets) override;
        result<void> forget(std::string const& file) override;

    private:
        std::map<std::string, std::string> files_;
    };

    memory kept_;
    tuf::client client_;
};

}  // namespace tp::registry
