#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "api/cli/measure/wish.hpp"

namespace tp::cli {

/// An option of one type of measurement, and the field of the definition that it sets.
struct type_option {
    enum class kind {
        number,
        text,
        choice,  // one of `values`
        flag,    // sets the field to `values`, a JSON text
    };
    std::string flag, key;
    kind takes;
    std::string help;
    std::string values = {};  // of a choice: with commas
};

struct measurement_type {
    std::string name, help;
    std::string target, target_help;  // the word that must be given
    std::span<type_option const> options;
};

/// All of them, in the order of the help. Fields, defaults and ranges: the Atlas API, "Creating measurements".
std::span<measurement_type const> measurement_types();

/// "ping 192.0.2.1", "dns A example.net at 192.0.2.53": what lists show if the user gave no description.
std::string usual_description(measure_wish const& wish);

/// Adds the fields that follow from others, or that the API wants and people need not say.
void complete_definition(boost::json::object& definition);

/// What does not go together in the options of the type, or nothing.
std::optional<std::string> complaint_about_type(measure_wish const& wish);

}  // namespace tp::cli
