// Any text is a plan or a complaint; from a plan come drafts that are read as they were written.
#include "firmware-signing/repository/bill_of_materials.hpp"
#include "firmware-signing/repository/prepare.hpp"

namespace {

void reread(tp::repository::prepared const& made)
{
    if (made.complaint) return;
    auto const again = tp::repository::draft::read(made.made->octets());
    if (!again || again->says() != made.made->says()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::repository;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    (void)read_bill(text);
    auto const read = read_plan(text, "fuzz");
    if (read.complaint) return 0;
    reread(prepare_root(read.says, nullptr, sys_seconds()));
    reread(prepare_targets(read.says, nullptr, sys_seconds()));
    return 0;
}
