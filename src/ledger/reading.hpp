#pragma once
// The database as those read it who may come before it is there.

#include "ledger/database.hpp"

#include <string>

namespace triage::ledger {

/// DIR/ledger.db, or an empty one while a gateway that has just started has not made it, or not brought it up yet.
/// Throws DatabaseError; std::runtime_error for a newer schema.
Database database_to_read(const std::string& folder);

}  // namespace triage::ledger
