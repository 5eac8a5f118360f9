#include "store/firmware_files.hpp"

#include <openssl/sha.h>

#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

constexpr std::size_t piece = firmware_piece_size;

std::string sha256(std::string_view octets)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<unsigned char const*>(octets.data()), octets.size(), hash);
    return {reinterpret_cast<char const*>(hash), sizeof hash};
}

/// Octets of which no two pieces are alike.
std::string octets(std::size_t size, unsigned seed = 1)
{
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 31 + i / 251 + seed) & 0xff);
    return out;
}

class firmware_files_test : public store_test {
protected:
    static firmware_part part(std::string path, std::string const& whole, std::size_t offset = 0,
                              std::size_t size = largest_firmware_part)
    {
        return {std::move(path), whole.size(), sha256(whole), offset, whole.substr(offset, size)};
    }

    result<firmware_taken> put(firmware_part one) { return wait(put_firmware_part(database_, std::move(one))); }

    void put_all(std::string const& path, std::string const& whole)
    {
        for (std::size_t at = 0; at < whole.size(); at += largest_firmware_part) {
            auto const taken = put(part(path, whole, at));
            ASSERT_TRUE(taken) << taken.error().message();
            EXPECT_EQ(*taken == firmware_taken::whole, at + largest_firmware_part >= whole.size());
        }
    }

    /// Nothing if it is not there.
    std::optional<std::string> read(std::string const& path)
    {
        auto const file = wait(find_firmware_file(database_, path));
        if (!file) {
            EXPECT_EQ(file.error(), errc::not_found);
            return std::nullopt;
        }
        std::string out;
        for (std::uint32_t number = 0; out.size() < file->size; ++number)
            out += wait(read_firmware_piece(database_, file->id, number)).value();
        return out;
    }

    std::int64_t count(std::string const& sql)
    {
        return wait(database_.connections().run("select count(*) from " + sql)).value().integer(0, 0);
    }
    std::int64_t announced() { return count("change where kind = 'firmware'"); }
};

TEST_F(firmware_files_test, comes_out_as_it_went_in)
{
    auto const program = octets(2 * piece + 17), root = octets(900, 2);
    put_all("targets/deb-amd64/stable/1.program", program);
    put_all("metadata/1.root.json", root);
    EXPECT_EQ(read("targets/deb-amd64/stable/1.program"), program);
    auto const all = wait(firmware_files(database_)).value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].path, "metadata/1.root.json");
    EXPECT_EQ(all[0].size, 900U);
    EXPECT_EQ(all[0].sha256, sha256(root));
    EXPECT_EQ(wait(read_firmware_piece(database_, all[0].id, 1)).error(), errc::not_found);
}

TEST_F(firmware_files_test, a_file_is_seen_when_it_is_whole_and_not_before)
{
    auto const program = octets(3 * piece);
    EXPECT_EQ(put(part("targets/a", program, 0, piece)).value(), firmware_taken::part);
    EXPECT_EQ(put(part("targets/a", program, 2 * piece)).value(), firmware_taken::part) << "in any order";
    EXPECT_EQ(read("targets/a"), std::nullopt);
    EXPECT_TRUE(wait(firmware_files(database_)).value().empty());
    EXPECT_EQ(wait(read_firmware_piece(database_, firmware_file_id::from(1).value(), 0)).error(), errc::not_found);
    EXPECT_EQ(put(part("targets/a", program, piece, piece)).value(), firmware_taken::whole);
    EXPECT_EQ(read("targets/a"), program);
    EXPECT_EQ(put(part("targets/a", program, piece, piece)).value(), firmware_taken::whole)
        << "said again, it is there";
}

TEST_F(firmware_files_test, an_upload_goes_on_after_the_server_died_in_its_midst)
{
    auto const program = octets(3 * piece);
    ASSERT_EQ(put(part("targets/a", program, 0)).value(), firmware_taken::part);
    test::cluster::shared().kill();
    EXPECT_EQ(put(part("targets/a", program, 2 * piece)).error(), errc::unavailable);
    test::cluster::shared().start();
    ASSERT_TRUE(wait(database_.wait_until_ready(std::chrono::seconds{30})));
    EXPECT_EQ(read("targets/a"), std::nullopt);
    EXPECT_EQ(put(part("targets/a", program, 0)).value(), firmware_taken::part) << "or begins again";
    EXPECT_EQ(put(part("targets/a", program, 2 * piece)).value(), firmware_taken::whole);
    EXPECT_EQ(read("targets/a"), program);
}

TEST_F(firmware_files_test, a_file_with_another_hash_is_forgotten)
{
    auto wrong = part("targets/a", octets(piece + 1));
    wrong.octets.back() = static_cast<char>(wrong.octets.back() + 1);
    EXPECT_EQ(put(wrong).value(), firmware_taken::other_hash);
    EXPECT_EQ(count("firmware_file") + count("firmware_piece"), 0);
    put_all("targets/a", octets(piece + 1));
}

TEST_F(firmware_files_test, nothing_is_changed_but_the_timestamp_and_that_is_announced)
{
    auto const one = octets(100, 1), other = octets(200, 2);
    put_all("metadata/1.root.json", one);
    EXPECT_EQ(announced(), 0);
    EXPECT_EQ(put(part("metadata/1.root.json", other)).error(), errc::conflict);
    EXPECT_EQ(read("metadata/1.root.json"), one);

    std::string const path(firmware_timestamp);
    put_all(path, one);
    auto const before = wait(find_firmware_file(database_, path)).value();
    EXPECT_EQ(announced(), 1);
    put_all(path, other);
    EXPECT_EQ(announced(), 2);
    put_all(path, other);
    EXPECT_EQ(announced(), 2) << "it was there";
    EXPECT_EQ(read(path), other);
    EXPECT_EQ(wait(read_firmware_piece(database_, before.id, 0)).error(), errc::not_found);
    EXPECT_EQ(count("firmware_piece"), 2);
}

TEST_F(firmware_files_test, an_upload_takes_the_place_of_another_one_at_its_beginning_only)
{
    auto const one = octets(3 * piece, 1), other = octets(3 * piece, 2);
    ASSERT_EQ(put(part("targets/a", one, 0)).value(), firmware_taken::part);
    EXPECT_EQ(put(part("targets/a", other, 2 * piece)).error(), errc::conflict);
    ASSERT_EQ(put(part("targets/a", other, 0)).value(), firmware_taken::part);
    EXPECT_EQ(put(part("targets/a", one, 2 * piece)).error(), errc::conflict);
    EXPECT_EQ(put(part("targets/a", other, 2 * piece)).value(), firmware_taken::whole);
    EXPECT_EQ(read("targets/a"), other);
}

TEST_F(firmware_files_test, a_part_that_does_not_fit_is_refused)
{
    auto const whole = octets(2 * piece + 1);
    auto const refused = [&](auto change) {
        auto one = part("targets/a", whole);
        change(one);
        auto const taken = put(std::move(one));
        return taken ? error_code() : taken.error();
    };
    EXPECT_EQ(refused([](auto& one) { one.offset = 1; }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.offset = 3 * piece; }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.octets.clear(); }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.octets.pop_back(); }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.offset = 2 * piece; }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.sha256.pop_back(); }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.size = 0; }), errc::malformed);
    EXPECT_EQ(refused([](auto& one) { one.octets += 'x'; }), errc::too_large);
    EXPECT_EQ(refused([](auto& one) { one.size = largest_firmware_file + 1; }), errc::too_large);
    EXPECT_EQ(refused([](auto& one) { one.size = largest_firmware_file; }), error_code());
}

TEST_F(firmware_files_test, the_whole_repository_has_a_limit_that_uploads_given_up_do_not_fill_for_ever)
{
    auto const begin = [&](int number, std::uint64_t size) {
        firmware_part one{"targets/" + std::to_string(number), size, std::string(32, 'h'), 0, std::string(piece, 'x')};
        auto const taken = put(std::move(one));
        return taken ? error_code() : taken.error();
    };
    auto const many = static_cast<int>(largest_repository / largest_firmware_file);
    for (int number = 1; number < many; ++number) ASSERT_EQ(begin(number, largest_firmware_file), error_code());
    EXPECT_EQ(begin(many, largest_firmware_file - 2 * piece), error_code());
    EXPECT_EQ(begin(many + 1, 2 * piece + 1), errc::too_large);
    EXPECT_EQ(begin(many + 1, 2 * piece), error_code());
    ASSERT_TRUE(wait(database_.connections().run("update firmware_file set begun_at = now() - interval '25 hours'")));
    EXPECT_EQ(begin(many + 2, largest_firmware_file), error_code());
    EXPECT_EQ(count("firmware_file"), 1);
}

TEST_F(firmware_files_test, there_is_a_limit_to_their_number)
{
    ASSERT_TRUE(wait(database_.connections().run(
        "insert into firmware_file (path, size, sha256, stored_at) "
        "select 'targets/' || i, 1, decode(repeat('00', 32), 'hex'), now() from generate_series(2, $1::int) i",
        parameters::of(static_cast<std::int64_t>(most_firmware_files)))));
    put_all("targets/one", "1");
    EXPECT_EQ(put(part("targets/two", "2")).error(), errc::too_large);
}

TEST_F(firmware_files_test, the_api_writes_and_the_others_read)
{
    auto const as = [&](std::string const& role) {
        auto conninfo = conninfo_;
        return database::options{.conninfo = conninfo.replace(conninfo.find("user=owner"), 10, "user=" + role)};
    };
    database api(io_, as("tp_api")), controller(io_, as("tp_controller")), registry(io_, as("tp_registry"));
    std::string const path(firmware_timestamp);
    EXPECT_EQ(wait(put_firmware_part(controller, part(path, "1"))).error(), errc::rejected);
    EXPECT_EQ(wait(put_firmware_part(registry, part(path, "1"))).error(), errc::rejected);
    EXPECT_TRUE(wait(put_firmware_part(api, part(path, "1"))));
    EXPECT_TRUE(wait(put_firmware_part(api, part(path, "2"))));
    for (auto* each : {&api, &controller, &registry}) {
        auto const file = wait(find_firmware_file(*each, path)).value();
        EXPECT_EQ(wait(read_firmware_piece(*each, file.id, 0)).value(), "2");
        EXPECT_EQ(wait(firmware_files(*each)).value().size(), 1U);
    }
}

TEST(firmware_path, is_plain)
{
    for (std::string_view const plain : {"metadata/timestamp.json", "targets/a/b/c%2Fd.~e", "metadata/..."})
        EXPECT_TRUE(is_firmware_path(plain)) << plain;
    EXPECT_TRUE(is_firmware_path("targets/" + std::string(longest_firmware_path - 8, 'a')));
    EXPECT_FALSE(is_firmware_path("targets/" + std::string(longest_firmware_path - 7, 'a')));
    using namespace std::string_view_literals;
    for (auto const wrong :
         {""sv, "metadata"sv, "metadata/"sv, "/metadata/a"sv, "etc/passwd"sv, "targets/../a"sv, "targets/./a"sv,
          "targets//a"sv, "targets/a/"sv, "targets/a\0b"sv, "targets/a b"sv, "targets/a\n"sv, "targets/a\\b"sv,
          "targets/\xc3\xa4"sv, "Targets/a"sv, "targets"sv, "targetsa/b"sv, ".."sv, "targets/.."sv})
        EXPECT_FALSE(is_firmware_path(wrong)) << wrong;
}

}  // namespace
}  // namespace tp::store
