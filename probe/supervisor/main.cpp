// trigpoint-supervisor: runs the probe's program from one of two slots.
#include <cstdio>

#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/sha256.hpp"
#include "probe/firmware/slots_text.hpp"
#include "probe/supervisor/arguments.hpp"
#include "probe/supervisor/supervisor.hpp"

namespace tp::supervisor {
namespace {

constexpr std::size_t block = 64 * 1024;  // octets read at a time

int fail(std::string const& about, std::string_view why)
{
    std::fprintf(stderr, "trigpoint-supervisor: %s: %.*s\n", about.c_str(), static_cast<int>(why.size()), why.data());
    return 1;
}

/// Length and hash of the host's file. Errors: those of reading.
result<void> measure(firmware::disk& on, std::string const& file, firmware::manifest& into)
{
    auto const from = on.open(file);
    if (!from) return from.error();
    firmware::sha256 hash;
    for (;;) {
        auto const octets = (*from)->read(block);
        if (!octets) return octets.error();
        if (octets->empty()) break;
        hash.take(*octets);
        into.length += octets->size();
    }
    into.sha256 = hash.finish();
    return {};
}

int install(arguments const& with)
{
    firmware::real_disk disk;
    std::error_code unmade;
    std::filesystem::create_directories(with.slots, unmade);
    if (unmade) return fail(with.slots, unmade.message());
    firmware::offer what;
    what.content.target = "host/" + std::to_string(with.release);
    what.content.model = with.model;
    what.content.release = with.release;
    what.content.floor = with.floor;
    what.again = true;  // its host says so
    if (auto const measured = measure(disk, with.program, what.content); !measured)
        return fail(with.program, measured.error().message());
    auto const held = firmware::folder_lock::take(with.slots);
    if (!held) return fail(with.slots, held.error().message());
    firmware::slots_on_disk slots(disk, with.places());
    auto const done =
        firmware::install(slots, what, {with.model, {}}, std::nullopt, [&] { return disk.open(with.program); });
    if (done.why != firmware::cause::none) return fail(with.program, firmware::meaning_of(done.why));
    std::printf("%s\n", firmware::folder_of(done.into, with.release).c_str());
    return 0;
}

int print_status(arguments const& with)
{
    firmware::real_disk disk;
    auto const known = firmware::slots_on_disk(disk, with.places()).load();
    if (!known) return fail(with.slots, known.error().message());
    std::fputs(firmware::slots_text(*known).c_str(), stdout);
    return 0;
}

int command(arguments const& with)
{
    switch (with.is) {
        case arguments::verb::run:
            return supervisor(with).run();
        case arguments::verb::install:
            return install(with);
        case arguments::verb::status:
            return print_status(with);
        case arguments::verb::version:
            std::printf("trigpoint-supervisor %s\n", TP_VERSION);
            return 0;
        case arguments::verb::help:
            break;
    }
    std::fputs(usage, stdout);
    return 0;
}

}  // namespace
}  // namespace tp::supervisor

int main(int count, char** words)
{
    auto const read = tp::supervisor::arguments::read({words + 1, words + count});
    if (read) return tp::supervisor::command(*read);
    std::fputs(tp::supervisor::usage, stderr);
    return 2;
}
