#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <numeric>

#include "api/firmware/endpoints.hpp"
#include "api/firmware/leftovers.hpp"
#include "api/firmware/object.hpp"
#include "api/paging.hpp"
#include "api/parameters.hpp"
#include "base/log.hpp"

// What nobody needs any more of the repository: told, and removed. Nothing is changed by it for any client.
namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using std::chrono::hours;

/// So long after it was replaced a file stays: a client may be on its way through the metadata that named it, through a
/// controller that lags. A refresh ends within 10 minutes.
constexpr hours usual_grace = store::replaced_timestamp_kept, least_grace{1};

/// By which timestamp it was judged, and all files.
struct judgement {
    store::firmware_file_id timestamp;
    std::vector<store::firmware_file> may_go;
    std::uint64_t count = 0, size = 0;  // of all that there is
};

std::uint64_t size_of(std::vector<store::firmware_file> const& files)
{
    return std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                           [](std::uint64_t sum, auto const& each) { return sum + each.size; });
}

checked<hours> read_grace(http::request const& request)
{
    std::optional<std::uint32_t> wanted;
    bool const is_number = read_number(request, "hours", wanted);
    auto const out = wanted ? hours(*wanted) : usual_grace;
    if (!is_number || out < least_grace || out > usual_grace)
        return bad_parameter("hours", "This must be " + std::to_string(least_grace.count()) + " to " +
                                          std::to_string(usual_grace.count()) + '.');
    return out;
}

/// The repository is not as it must be for anybody to say what it needs.
problem not_whole(std::string const& file, error_code why)
{
    return {409, "The repository is not whole: metadata/" + file + ": " + why.message() + '.', {}};
}

/// What a failed look at the timestamp means here.
problem from_timestamp(error_code why)
{
    if (why != errc::not_found) return from_store(why);
    return {409, "No repository is published: it has no timestamp.", {}};
}

problem from_removal(error_code why)
{
    if (why != errc::conflict) return from_store(why);
    return {409, "The repository was replaced meanwhile. Please try again.", {}};
}

asio::awaitable<result<std::string>> read_metadata(store::database& database, std::string name, std::uint64_t most)
{
    auto file = co_await store::find_firmware_file(database, "metadata/" + name);
    if (!file) co_return file.error();
    co_return co_await store::read_firmware_file(database, std::move(*file), most);
}

asio::awaitable<checked<tuf::file_names>> names_below(store::database& database, std::string in_force,
                                                      std::vector<std::string> before)
{
    tuf::named_files machine(std::move(in_force), std::move(before));
    for (;;) {
        auto const& next = machine.next();
        if (std::holds_alternative<tuf::finished>(next)) co_return machine.found();
        if (auto const* const why = std::get_if<tuf::failed>(&next)) co_return not_whole(why->file, why->why);
        auto const& wanted = std::get<tuf::download>(next);
        auto outcome = co_await read_metadata(database, wanted.file, wanted.most);
        // That it cannot be asked for does not mean that it is not there.
        if (!outcome && outcome.error() != errc::not_found && outcome.error() != errc::too_large)
            co_return from_store(outcome.error());
        machine.answer(std::move(outcome));
    }
}

asio::awaitable<checked<repository_needs>> needs_of(store::database& database, store::firmware_file timestamp,
                                                    hours grace)
{
    repository_needs out;
    out.settled = wall_now() - grace;
    auto replaced = co_await store::replaced_timestamps(database, out.settled);
    if (!replaced) co_return from_store(replaced.error());
    std::vector<std::string> before;
    for (auto& each : *replaced) {
        if (each.octets)
            before.push_back(std::move(*each.octets));
        else
            out.settled = {};  // anything may have been in force
    }
    auto in_force = co_await store::read_firmware_file(database, std::move(timestamp), tuf::limits{}.timestamp);
    if (!in_force) co_return not_whole("timestamp.json", in_force.error());
    auto named = co_await names_below(database, std::move(*in_force), std::move(before));
    if (!named) co_return named.error();
    out.named = std::move(*named);
    auto wanted = co_await store::wanted_targets(database);
    if (!wanted) co_return from_store(wanted.error());
    out.wanted = std::move(*wanted);
    co_return std::move(out);
}

asio::awaitable<checked<judgement>> judge(store::database& database, hours grace)
{
    auto const timestamp = co_await store::find_firmware_file(database, std::string(store::firmware_timestamp));
    if (!timestamp) co_return from_timestamp(timestamp.error());
    auto const needs = co_await needs_of(database, *timestamp, grace);
    if (!needs) co_return needs.error();
    auto all = co_await store::firmware_files(database);
    if (!all) co_return from_store(all.error());
    judgement out{.timestamp = timestamp->id, .may_go = {}, .count = all->size(), .size = size_of(*all)};
    out.may_go = leftovers(std::move(*all), *needs);
    co_return std::move(out);
}

json::object object_of(judgement const& made, bool removed, hours grace)
{
    json::array results;
    for (auto const& each : made.may_go) {
        if (results.size() == page::largest_size) break;
        results.push_back(file_object(each));
    }
    auto const size = size_of(made.may_go);
    return {{"type", "FirmwareLeftovers"},
            {"removed", removed},
            {"hours", grace.count()},
            {"count", made.may_go.size()},
            {"size", size},
            {"kept", {{"count", made.count - made.may_go.size()}, {"size", made.size - size}}},
            {"largest", {{"count", store::most_firmware_files}, {"size", store::largest_repository}}},
            {"results", std::move(results)}};
}

}  // namespace

asio::awaitable<http::response> list_firmware_leftovers(context& shared, call given)
{
    if (!may(given.who, "firmware.list")) co_return answer(forbidden(""));
    auto const grace = read_grace(given.request);
    if (!grace) co_return answer(grace.error());
    auto const made = co_await judge(shared.database, *grace);
    if (!made) co_return answer(made.error());
    co_return json_answer(object_of(*made, false, *grace));
}

asio::awaitable<http::response> remove_firmware_leftovers(context& shared, call given)
{
    if (!may(given.who, "firmware.publish")) co_return answer(forbidden(""));
    auto const grace = read_grace(given.request);
    if (!grace) co_return answer(grace.error());
    auto const made = co_await judge(shared.database, *grace);
    if (!made) co_return answer(made.error());
    std::vector<store::firmware_file_id> ids;
    for (auto const& each : made->may_go) ids.push_back(each.id);
    if (!ids.empty()) {
        auto const done = co_await store::remove_firmware_files(shared.database, made->timestamp, std::move(ids));
        if (!done) co_return answer(from_removal(done.error()));
        log::info("api", "the signed repository: " + std::to_string(made->may_go.size()) + " files of " +
                             std::to_string(size_of(made->may_go)) + " octets that nobody needs removed by account " +
                             given.who.key->account.text());
    }
    co_return json_answer(object_of(*made, true, *grace));
}

}  // namespace tp::api
