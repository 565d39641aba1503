#pragma once
// The options that say which ledger is read, and from when on.

#include "app/arguments.hpp"

#include <cstdint>
#include <string>

namespace triage {

/// --ledger DIR, or the directory that --config F names. Throws if there is no ledger.
std::string ledger_folder(const Arguments& arguments);

/// --since, as a duration before now or as a date, in milliseconds of Unix time.
std::int64_t since_unix_ms(const Arguments& arguments, std::int64_t fallback);

}  // namespace triage
