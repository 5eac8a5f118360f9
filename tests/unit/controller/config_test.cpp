#include "controller/config.hpp"

#include <gmock/gmock.h>

namespace tp::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

TEST(controller_config, the_example_holds_every_key_with_its_default)
{
    auto example = settings::read_file(TP_SOURCE_DIR "/deploy/trigpoint-controller.toml");
    auto const read = read_config(example);
    EXPECT_EQ(example.finish(), std::nullopt);
    auto least = settings::parse("advertise = [\"192.0.2.1:7441\"]", "least");
    auto const defaults = read_config(least);
    EXPECT_EQ(least.finish(), std::nullopt);
    EXPECT_EQ(read.name, defaults.name);
    EXPECT_EQ(read.listen, defaults.listen);
    EXPECT_EQ(read.advertise, defaults.advertise);
    EXPECT_EQ(read.host_key, defaults.host_key);
    EXPECT_EQ(read.database.conninfo, defaults.database.conninfo);
    EXPECT_EQ(read.database.connections, defaults.database.connections);
    EXPECT_EQ(read.terms.capacity, defaults.terms.capacity);
    EXPECT_EQ(read.terms.keepalive, defaults.terms.keepalive);
    EXPECT_EQ(read.files.cache, defaults.files.cache);
    EXPECT_EQ(read.files.session_bits_per_second, defaults.files.session_bits_per_second);
    EXPECT_EQ(read.files.bits_per_second, defaults.files.bits_per_second);
    EXPECT_EQ(read.limits.half_open_per_address, defaults.limits.half_open_per_address);
    EXPECT_EQ(read.terms.probe_caps, proto::cap_limits{});
    EXPECT_EQ(defaults.terms.probe_caps, proto::cap_limits{});
}

TEST(controller_config, takes_the_caps_that_probes_are_asked_to_keep)
{
    auto from = settings::parse(
        "advertise = [\"192.0.2.1:7441\"]\n[probe_caps]\npackets_per_second = 50\nbits_per_second = 64000\n"
        "bytes_per_day = 1000000\njobs_at_once = 20\nshortest_interval = 60\nrefused_types = [\"http\", \"ntp\"]",
        "test.toml");
    auto const read = read_config(from);
    EXPECT_EQ(from.finish(), std::nullopt);
    proto::cap_limits wanted;
    wanted.packets_per_second = 50;
    wanted.bits_per_second = 64'000;
    wanted.bytes_per_day = 1'000'000;
    wanted.jobs_at_once = 20;
    wanted.shortest_interval = std::chrono::seconds(60);
    wanted.refused_kinds = {proto::result_kind::http, proto::result_kind::ntp};
    EXPECT_EQ(read.terms.probe_caps, wanted);
}

TEST(controller_config, names_what_cannot_be_used)
{
    for (auto const* text :
         {"listen = [\"0.0.0.0:7441\"]", "listen = [\"localhost:7441\"]",
          "listen = [\"192.0.2.1:7441\"]\nadvertise = [\"somewhere:1\"]", "listen = [\"192.0.2.1:7441\"]\ncapacity = 0",
          "listen = [\"192.0.2.1:7441\"]\nname = \"\"",
          "advertise = [\"192.0.2.1:7441\"]\nprobe_caps.refused_types = [\"smtp\"]",
          "advertise = [\"192.0.2.1:7441\"]\nprobe_caps.jobs_at_once = -1"}) {
        SCOPED_TRACE(text);
        auto from = settings::parse(text, "test.toml");
        read_config(from);
        EXPECT_NE(from.finish(), std::nullopt);
    }
    auto wild = settings::parse("", "test.toml");
    read_config(wild);
    EXPECT_THAT(wild.finish(), Optional(HasSubstr("\"advertise\" is needed")));
}

TEST(controller_config, tells_probes_where_it_listens_unless_told_otherwise)
{
    using boost::asio::ip::make_address;
    using boost::asio::ip::tcp;
    config quiet;
    std::vector<tcp::endpoint> const listening{
        {make_address("0.0.0.0"), 7441}, {make_address("192.0.2.1"), 7441}, {make_address("2001:db8::1"), 7442}};
    EXPECT_THAT(addresses_for(quiet, listening), ElementsAre("192.0.2.1:7441", "[2001:db8::1]:7442"));
    quiet.advertise = {"198.51.100.1:1"};
    EXPECT_THAT(addresses_for(quiet, listening), ElementsAre("198.51.100.1:1"));
}

}  // namespace
}  // namespace tp::controller
