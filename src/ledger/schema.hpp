#pragma once
// The tables of DIR/ledger.db, and how older ones become today's. docs/ledger.md describes them.

#include "ledger/database.hpp"

#include <span>
#include <string_view>

namespace triage::ledger {

/// Statements that make version n + 1 of version n: migrations()[n]. Only ever appended to.
std::span<const std::string_view> migrations();

/// Brings the database to the last of `steps`, each in a transaction of its own; an empty one goes through all of them.
/// Returns the version it had, 0 if it was empty. Throws DatabaseError, or std::runtime_error if the database is newer.
std::int64_t migrate(Database& database, std::span<const std::string_view> steps);

/// 0: no version at all.
std::int64_t schema_version(Database& database);

}  // namespace triage::ledger
