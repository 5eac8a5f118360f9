// Any text is a configuration or a complaint, never a crash or an exception.
#include "base/settings.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace std::chrono_literals;
    auto file = tp::settings::parse({reinterpret_cast<char const*>(data), size}, "fuzz");
    file.text("name", "");
    file.integer("listen.port", 1, 1, 65535);
    file.flag("listen.open", false);
    file.texts("listen.on");
    file.seconds("listen.wait", 1s, 1s, 60s);
    file.real("degrees", -90, 90);
    file.integers("ports", 1, 65535);
    for (auto& one : file.tables("one")) {
        one.text("name", "");
        static_cast<void>(one.finish());
    }
    static_cast<void>(file.finish());
    return 0;
}
