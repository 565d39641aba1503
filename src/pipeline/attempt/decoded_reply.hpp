#pragma once

#include "triage/upstream.hpp"

#include <memory>

namespace triage {

/// The reply with its Content-Encoding undone, in head and body; as it is where it has none, or one that cannot be
/// undone. Its next() has upstream_bad_response and upstream_truncated besides.
std::unique_ptr<Reply> decoded(std::unique_ptr<Reply> reply);

}  // namespace triage
