#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/cli/exit_codes.hpp"
#include "api/cli/login.hpp"

namespace tp::cli {

/// The API as a command sees it: an answer, or a message on standard error and the exit code that goes with it.
class remote {
public:
    explicit remote(login const& given) : given_(given) {}

    /// The JSON of a good answer (null when it has no body); none after a failure that has been told.
    std::optional<boost::json::value> ask(std::string_view method, std::string_view path, std::string_view body = {},
                                          std::string_view kind = api_client::json_body);
    /// The same, unparsed.
    std::optional<std::string> ask_text(std::string_view method, std::string_view path, std::string_view body = {},
                                        std::string_view kind = api_client::json_body);
    /// Why ask() answered nothing.
    exit_code code() const noexcept { return code_; }

private:
    void tell(std::string_view text, exit_code code);

    login const& given_;  // read at the first question: the command line has been parsed by then
    std::optional<api_client> client_;
    exit_code code_ = exit_ok;
};

}  // namespace tp::cli
