#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/http/request.hpp"
#include "store/accounts.hpp"

namespace tp::api {

/// Who asks. No credential: anonymous.
struct caller {
    std::optional<store::credential> key;

    bool is_operator() const noexcept { return key && key->account_role >= store::role::operator_; }
    bool is_account(std::optional<account_id> account) const noexcept
    {
        return key && account && key->account == *account;
    }
};

/// What a key can be made for, and the least role whose keys may have it.
struct permission {
    std::string_view scope;
    store::role least;
    std::string_view meaning;
};
std::span<permission const> permissions() noexcept;

/// "Authorization: Key UUID", or `?key=UUID`. An empty key counts as none, which old clients rely on.
std::optional<std::string> key_of(http::request const& request);

/// Whether the caller's key carries the scope (or "*") and the role of its account allows it.
bool may(caller const& who, std::string_view scope) noexcept;

/// What the private part of an object takes: to be its owner with the scope, or an operator.
bool sees_private(caller const& who, std::optional<account_id> owner, std::string_view scope) noexcept;

std::string_view name_of(store::role role) noexcept;
std::optional<store::role> role_named(std::string_view name) noexcept;

}  // namespace tp::api
