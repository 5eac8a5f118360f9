// Any text is a server's configuration or a complaint.
#include "api/cli/up/up_settings.hpp"
#include "api/config.hpp"
#include "controller/config.hpp"
#include "probe/anchor/config.hpp"
#include "registry/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const text(reinterpret_cast<char const*>(data), size);
    auto const read = [&](auto reader) {
        auto file = tp::settings::parse(text, "fuzz");
        static_cast<void>(reader(file));
        static_cast<void>(file.finish());
    };
    read([](tp::settings& file) { return tp::registry::read_config(file); });
    read([](tp::settings& file) { return tp::controller::read_config(file); });
    read([](tp::settings& file) { return tp::api::read_config(file); });
    read([](tp::settings& file) { return tp::anchor::read_config(file); });
    read([](tp::settings& file) { return tp::cli::read_up_settings(file); });
    return 0;
}
