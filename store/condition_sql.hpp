#pragma once

#include <string>
#include <string_view>

#include "store/conditions.hpp"
#include "store/pool.hpp"

/// For this folder only: conditions as SQL.
namespace tp::store {

/// A part of a statement, and what it is given.
struct statement {
    std::string sql;
    parameters values;
};

/// Adds " and ..." to a statement that has a where-clause. `expression` is ours; the value becomes the next parameter.
void append_condition(statement& to, std::string_view expression, comparison how, condition_value const& value);

template <class Column, class Expressions>
void append_conditions(statement& to, std::vector<condition<Column>> const& all, Expressions expression_of)
{
    for (auto const& each : all) append_condition(to, expression_of(each.column), each.how, each.value);
}

}  // namespace tp::store
