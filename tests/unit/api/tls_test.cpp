#include "api/http/tls.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <filesystem>

#include "base/files.hpp"
#include "tests/unit/api/server_fixture.hpp"

namespace tp::api::http {
namespace {

namespace ssl = asio::ssl;

class tls_test : public server_fixture {
protected:
    void SetUp() override
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "tp-tls-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override
    {
        server_fixture::TearDown();
        std::filesystem::remove_all(folder_);
    }

    void serve(certificate_files const& files)
    {
        server::options options;
        options.tls = open_tls(files).value();
        options.listen = {{{asio::ip::address_v4::loopback(), 0}, true}};
        start(std::move(options), echo);
    }

    /// What a client that trusts our certificate gets for this name.
    std::string fetch(certificate_files const& files, std::string const& name)
    {
        asio::io_context io;
        ssl::context trust(ssl::context::tls_client);
        trust.load_verify_file(files.certificate.string());
        ssl::stream<asio::ip::tcp::socket> stream(io, trust);
        stream.lowest_layer().connect(where());
        stream.set_verify_mode(ssl::verify_peer);
        stream.set_verify_callback(ssl::host_name_verification(name));
        error_code error;
        stream.handshake(ssl::stream_base::client, error);
        if (error) return "handshake failed";
        std::string out;
        asio::write(stream, asio::buffer("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 48), error);
        asio::read(stream, asio::dynamic_buffer(out), error);
        return out;
    }

    std::filesystem::path folder_;
};

TEST_F(tls_test, serves_https_with_a_certificate_of_its_own_making)
{
    auto const files = self_made_certificate(folder_ / "tls", {"atlas.example.net", "192.0.2.7"}).value();
    serve(files);
    for (auto const* name : {"localhost", "127.0.0.1", "atlas.example.net", "192.0.2.7"}) {
        EXPECT_THAT(fetch(files, name), testing::HasSubstr("GET /x")) << name;
    }
    EXPECT_EQ(fetch(files, "other.example.net"), "handshake failed");
}

TEST_F(tls_test, keeps_the_certificate_and_makes_one_for_new_names)
{
    auto const first = self_made_certificate(folder_, {}).value();
    auto const text = read_file(first.certificate, 65'536).value();
    ASSERT_TRUE(self_made_certificate(folder_, {}));
    EXPECT_EQ(read_file(first.certificate, 65'536).value(), text);
    ASSERT_TRUE(self_made_certificate(folder_, {"atlas.example.net"}));
    EXPECT_NE(read_file(first.certificate, 65'536).value(), text);

    struct stat about {};
    ASSERT_EQ(::stat(first.key.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST_F(tls_test, refuses_names_that_cannot_stand_in_a_certificate)
{
    for (auto const* name : {"", "a b", "a,DNS:b", "a\nb"}) {
        EXPECT_EQ(self_made_certificate(folder_, {name}).error(), errc::malformed) << name;
    }
}

TEST_F(tls_test, refuses_old_protocols_and_plain_text)
{
    auto const files = self_made_certificate(folder_, {}).value();
    serve(files);
    raw_client plain(where());
    plain.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(plain.rest(), testing::Not(testing::HasSubstr("200 OK")));

    asio::io_context io;
    ssl::context old(ssl::context::tls_client);
    SSL_CTX_set_security_level(old.native_handle(), 0);
    SSL_CTX_set_min_proto_version(old.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_1_VERSION);
    ssl::stream<asio::ip::tcp::socket> stream(io, old);
    stream.lowest_layer().connect(where());
    error_code error;
    stream.handshake(ssl::stream_base::client, error);
    EXPECT_TRUE(error);
}

TEST_F(tls_test, says_no_to_files_that_are_none)
{
    EXPECT_FALSE(open_tls({folder_ / "none.pem", folder_ / "none.key"}));
}

}  // namespace
}  // namespace tp::api::http
