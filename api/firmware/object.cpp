#include "api/firmware/object.hpp"

#include "api/times.hpp"
#include "firmware-signing/lines.hpp"

namespace tp::api {

boost::json::object file_object(std::string const& path, std::uint64_t size, std::string const& sha256)
{
    return {{"type", "FirmwareFile"}, {"path", path}, {"size", size}, {"sha256", signing::to_hex(sha256)}};
}

boost::json::object file_object(store::firmware_file const& file)
{
    auto out = file_object(file.path, file.size, file.sha256);
    out["stored_at"] = to_unix_seconds(file.stored);
    return out;
}

}  // namespace tp::api
