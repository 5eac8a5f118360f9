#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reading the API's JSON without trusting its shape: what is missing or of another type is "not there".
namespace tp::cli {

std::string text_in(boost::json::object const& from, std::string_view key);  // empty if it is none
std::optional<std::int64_t> integer_in(boost::json::object const& from, std::string_view key);
std::optional<double> number_in(boost::json::object const& from, std::string_view key);
boost::json::array const* list_in(boost::json::object const& from, std::string_view key);
boost::json::object const* object_in(boost::json::object const& from, std::string_view key);

/// Anything as a cell of a table: texts as they are, null and missing as "", lists joined by commas.
std::string cell_in(boost::json::object const& from, std::string_view key);
std::string cell_of(boost::json::value const& value);

}  // namespace tp::cli
