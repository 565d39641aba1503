#pragma once
// Who is asking: gateway keys.

#include "pipeline/live/snapshot.hpp"
#include "triage/message.hpp"

namespace triage {

/// The key that the client presents (`Authorization: Bearer ...`), or null where the gateway has no keys.
/// Only hashes are known and compared, in constant time. Error: invalid_api_key.
Result<const KeySpec*> authenticate(const Snapshot& snapshot, const RequestHead& head);

/// Whether `key` (null: anonymous, may do all) may use `route`; null route: a deployment by its own name, which a key
/// that is bound to routes may not.
bool may_use(const KeySpec* key, const RouteSpec* route) noexcept;

}  // namespace triage
