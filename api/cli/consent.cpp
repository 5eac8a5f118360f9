#include "api/cli/consent.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"

namespace tp::cli {
namespace {

/// Line by line, so that the text keeps its shape and nothing in it moves the cursor.
std::string shown(std::string const& text)
{
    std::string out;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find('\n', begin), text.size());
        out += printable(std::string_view(text).substr(begin, end - begin)) + '\n';
        begin = end + 1;
    }
    return out;
}

}  // namespace

agreement agree(remote& api, std::string const& accepted, std::istream* in, std::ostream& out)
{
    if (!accepted.empty()) return {true, accepted};
    auto const answer = api.ask("GET", "consent/");
    if (!answer) return {.code = api.code()};
    auto const* object = answer->if_object();
    auto const version = object == nullptr ? std::string() : text_in(*object, "version");
    if (version.empty()) return {true, std::nullopt};
    out << shown(text_in(*object, "text"));
    if (in == nullptr) {
        std::cerr << "trigpoint: nobody can be asked here; read the text and say: --accept " << printable(version)
                  << '\n';
        return {.code = exit_usage};
    }
    out << "Do you accept this, version " << printable(version) << "? [y/N] " << std::flush;
    std::string said;
    std::getline(*in, said);
    if (said == "y" || said == "Y" || said == "yes") return {true, version};
    std::cerr << "trigpoint: not accepted, nothing was done\n";
    return {.code = exit_failed};
}

agreement agree(remote& api, std::string const& accepted)
{
    return agree(api, accepted, ::isatty(STDIN_FILENO) != 0 ? &std::cin : nullptr, std::cerr);
}

}  // namespace tp::cli
