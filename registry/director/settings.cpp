#include "registry/director/settings.hpp"

namespace tp::registry {

director_settings read_director_settings(settings& from)
{
    director_settings out;
    out.key = from.text("director.key", "");
    out.root = from.text("director.root", "");
    out.compare = from.seconds("director.compare", out.compare, director_settings::shortest_round,
                               director_settings::longest_round);
    for (auto const& each : {out.key, out.root}) {
        if (each.string().find_first_of("\"\\\n") != std::string::npos)
            from.complain("director", "has a path with quotes or backslashes");
    }
    if (out.key.empty() != out.root.empty()) from.complain("director", "needs both, a key and a root, or neither");
    return out;
}

std::string director_settings_text(director_settings const& chosen)
{
    return "director.key = \"" + chosen.key.string() + "\"\ndirector.root = \"" + chosen.root.string() +
           "\"\ndirector.compare = " + std::to_string(chosen.compare.count()) + '\n';
}

}  // namespace tp::registry
