#include <CLI/CLI.hpp>
#include <iostream>

#include "api/cli/commands.hpp"

namespace {

constexpr auto footer =
    "Exit codes: 0 well, 1 the request failed or there are no results, 2 used wrongly or packages are missing,\n"
    "3 the API cannot be reached, 4 refused (the key may not do that).\n"
    "Where the API is: --api, TRIGPOINT_API or ~/.config/trigpoint/cli.toml (keys api, key, ca; mode 0600).";

int run(int argc, char** argv)
{
    CLI::App app{"Trigpoint: measure the Internet from your own probes.", "trigpoint"};
    tp::cli::program program;
    app.footer(footer);
    app.require_subcommand(0, 1);  // one is needed: asked below, after a word that is none was named
    app.fallthrough();
    app.add_option("--api", program.given.api, "Address of the API (default http://localhost:7480)");
    app.add_option("--key", program.given.key,
                   "API key; better in TRIGPOINT_KEY or the file, where others do not see it");
    app.add_option("--ca", program.given.ca_file, "Certificates to trust for https (PEM); also TRIGPOINT_CA");
    tp::cli::add_up(app, program);
    tp::cli::add_measure(app, program);
    tp::cli::add_results(app, program);
    tp::cli::add_measurements(app, program);
    tp::cli::add_probes(app, program);
    tp::cli::add_anchors(app, program);
    tp::cli::add_abuse(app, program);
    tp::cli::add_alerts(app, program);
    tp::cli::add_factory(app, program);
    tp::cli::add_firmware(app, program);
    tp::cli::add_keys(app, program);
    tp::cli::add_rollouts(app, program);
    tp::cli::add_platform(app, program);
    try {
        app.parse(argc, argv);
        if (!program.chosen) throw CLI::RequiredError::Subcommand(1);  // of the program, or of a group
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? tp::cli::exit_ok : tp::cli::exit_usage;
    }
    return program.chosen();
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (std::exception const& error) {
        std::cerr << "trigpoint: " << error.what() << '\n';
        return tp::cli::exit_failed;
    }
}
