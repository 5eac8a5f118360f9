// fuzz_seeds CORPUS: every fuzz target on each of its seeds. Each is named before it is tried: after a crash, the last
// line tells.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#define FUZZ_TARGET(name) extern "C" int fuzz_##name(std::uint8_t const* data, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {
struct fuzz_target {
    char const* name;
    int (*run)(std::uint8_t const* data, std::size_t size);
};

constexpr fuzz_target targets[] = {
#define FUZZ_TARGET(name) {#name, &fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

std::vector<std::filesystem::path> seeds_in(std::filesystem::path const& folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code missing;
    for (auto const& entry : std::filesystem::directory_iterator(folder, missing)) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<std::uint8_t> content(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: fuzz_seeds CORPUS\n";
        return EXIT_FAILURE;
    }
    int without = 0;
    for (auto const& target : targets) {
        auto const seeds = seeds_in(std::filesystem::path(argv[1]) / target.name);
        without += seeds.empty() ? 1 : 0;
        std::cout << target.name << ": " << seeds.size() << " seeds" << std::endl;
        for (auto const& seed : seeds) {
            std::cout << "  " << seed.filename().string() << std::endl;
            auto const bytes = content(seed);
            target.run(bytes.data(), bytes.size());
        }
    }
    if (without > 0) std::cerr << without << " targets have no seeds\n";
    return without > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
