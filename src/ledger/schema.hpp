#pragma once
// The tables of DIR/ledger.db, and the migrations of older ones. docs/ledger.md describes the tables.

#include "ledger/database.hpp"

#include <span>
#include <string_view>

namespace triage::ledger {

/// The statements that migrate version n to version n + 1: migrations()[n]. Only ever append to them.
std::span<const std::string_view> migrations();

/// Migrates the database through all remaining `steps`, each in its own transaction; an empty database goes through all
/// of them. Returns its version before, 0 if it was empty. Throws DatabaseError, or std::runtime_error if the database
/// is newer.
std::int64_t migrate(Database& database, std::span<const std::string_view> steps);

/// 0: no version.
std::int64_t schema_version(Database& database);

}  // namespace triage::ledger
