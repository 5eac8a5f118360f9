#include <CLI/CLI.hpp>
#include <iostream>

#include "firmware-signing/tool/commands.hpp"

namespace {

constexpr auto footer =
    "No command writes over a file (but publish and renew over timestamp.json), needs a network, or prints a private "
    "key.\n"
    "Exit codes: 0 well, 1 a document is not believed or a file is not what it should be, 2 used wrongly.";

int run(int argc, char** argv)
{
    using namespace tp::signing::tool;
    CLI::App app{"Makes, signs and reads the documents that probes believe by their signatures.", "trigpoint-sign"};
    program chosen;
    app.footer(footer);
    app.require_subcommand(0, 1);  // one is needed: asked below, after a word that is none was named
    app.fallthrough();
    add_key(app, chosen);
    add_anchors(app, chosen);
    add_factory(app, chosen);
    add_root(app, chosen);
    add_targets(app, chosen);
    add_release(app, chosen);
    add_control(app, chosen);
    add_show(app, chosen);
    add_sign(app, chosen);
    add_merge(app, chosen);
    add_verify(app, chosen);
    add_publish(app, chosen);
    add_renew(app, chosen);
    try {
        app.parse(argc, argv);
        if (!chosen.chosen) throw CLI::RequiredError::Subcommand(1);  // of the program, or of a group
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    return chosen.chosen();
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (std::exception const& error) {
        std::cerr << "trigpoint-sign: " << error.what() << '\n';
        return tp::signing::tool::exit_failed;
    }
}
