// trigpoint-tuf-client: the verifying client as a command, so that suites of others can drive it. Exit status 0 or 1.
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "firmware-signing/tuf/client.hpp"
#include "firmware-signing/tuf/command/arguments.hpp"
#include "firmware-signing/tuf/command/http_transport.hpp"

namespace tp::tuf {
namespace {

int fail(std::string const& about, std::string const& why)
{
    std::fprintf(stderr, "trigpoint-tuf-client: %s: %s\n", about.c_str(), why.c_str());
    return 1;
}

int init(arguments const& with)
{
    auto const root = read_file(with.root, limits().root);
    if (!root) return fail(with.root, root.error().message());
    auto const begun = begin_with(with.metadata_dir, *root);
    return begun ? 0 : fail(with.root, begun.error().message());
}

/// Targets in their order, until the first that fails.
asio::awaitable<result<void>> download_all(client& from, arguments const& with)
{
    for (auto const& name : with.target_names) {
        auto const found = co_await from.find(name);
        if (!found) co_return found.error();
        auto const fetched = co_await from.fetch(*found, with.target_dir);
        if (!fetched) co_return fetched.error();
    }
    co_return result<void>();
}

asio::awaitable<result<void>> work(client& with, arguments const& what)
{
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto const updated = co_await with.update(now);
    if (!updated || what.verb == "refresh") co_return updated;
    auto const downloaded = co_await download_all(with, what);
    co_return downloaded;
}

int run(arguments const& with)
{
    auto const metadata = http_place::parse(with.metadata_url);
    if (!metadata) return fail(with.metadata_url, metadata.error().message());
    auto const targets = with.verb == "download" ? http_place::parse(with.target_base_url) : metadata;
    if (!targets) return fail(with.target_base_url, targets.error().message());

    error_code unmade;
    if (with.verb == "download") std::filesystem::create_directories(with.target_dir, unmade);
    if (unmade) return fail(with.target_dir, unmade.message());
    metadata_folder kept(with.metadata_dir);
    http_transport from(*metadata, *targets);
    client does(kept, from);
    asio::io_context io{1};
    result<void> outcome = errc::closed;
    asio::co_spawn(io, work(does, with), [&](std::exception_ptr thrown, result<void> done) {
        if (thrown) std::rethrow_exception(thrown);
        outcome = done;
    });
    io.run();
    return outcome ? 0 : fail(does.failed_file(), outcome.error().message());
}

}  // namespace
}  // namespace tp::tuf

int main(int count, char** words)
{
    using namespace tp::tuf;
    auto const read = read_arguments({words + 1, words + count});
    if (!read) {
        std::fputs(usage.data(), stderr);
        return 1;
    }
    if (auto const missing = read->complaint()) return fail("usage", *missing);
    return read->verb == "init" ? init(*read) : run(*read);
}
