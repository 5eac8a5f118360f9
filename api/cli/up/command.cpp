#include <CLI/CLI.hpp>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/up/up.hpp"
#include "firmware-signing/trusted_keys.hpp"

namespace tp::cli {

void add_up(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand(
        "up", "Run the whole platform on this machine, in the foreground: PostgreSQL, registry, controllers, API");
    auto const options = std::make_shared<up_options>();
    command->add_option("--data", options->data,
                        "Folder for everything that is kept (default /var/lib/trigpoint for root, else "
                        "$XDG_DATA_HOME/trigpoint or ~/.local/share/trigpoint)");
    command->add_option("--config", options->config, "Settings; every key with its default: trigpoint.toml");
    command->add_option("--database", options->database,
                        "Your own PostgreSQL, as libpq writes it, instead of a private one");
    auto* keys = command->add_option("--trust-key", options->trust_keys,
                                     "Public keys whose signatures make a list of anchors (\"ed25519:...\")");
    command->add_option("--trust-threshold", options->trust_threshold, "How many of them it needs (default 1)")
        ->needs(keys)
        ->check(CLI::Range(std::size_t{1}, signing::trusted_keys::most));
    command->callback([&into, options] { into.chosen = [options] { return up(*options); }; });
}

}  // namespace tp::cli
