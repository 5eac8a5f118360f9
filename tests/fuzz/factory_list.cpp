// A list that can be read has one spelling: it is written again as it was.
#include "firmware-signing/factory_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::signing;
    std::string_view const content(reinterpret_cast<char const*>(data), size);
    auto list = read_device_list(content);
    if (!list) return 0;
    auto const written = write_device_list(std::move(*list));
    if (written.complaint || written.content != content) __builtin_trap();
    return 0;
}
