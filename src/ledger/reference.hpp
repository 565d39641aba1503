#pragma once
// The tables of docs/ledger.md, made from the tables of fields.hpp.

#include <string>

namespace triage::ledger {

std::string ledger_reference();

}  // namespace triage::ledger
