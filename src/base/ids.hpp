#pragma once
// Unpredictable identifiers.

#include <cstddef>
#include <string>

namespace triage {

/// `length` characters of [0-9A-Za-z] from the operating system's generator, for keys and secrets. 5.95 bits each.
std::string random_secret(std::size_t length);

/// `req_`, 8 characters for the time in milliseconds and 14 random ones (83 bits), from a generator that each thread
/// seeds once from the operating system. Unique and cheap, but not secret. The ids sort by time, so that an index of
/// them grows at its end (src/ledger).
std::string request_id();

}  // namespace triage
