#pragma once
// Unpredictable identifiers.

#include <cstddef>
#include <string>

namespace triage {

/// `length` characters of [0-9A-Za-z] from the operating system's generator: keys and secrets. 5.95 bits each.
std::string random_secret(std::size_t length);

/// `req_` and 22 characters (131 bits) from a generator that each thread seeds once from the operating system: unique,
/// cheap, not a secret.
std::string request_id();

}  // namespace triage
