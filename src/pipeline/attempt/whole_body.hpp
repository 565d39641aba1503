#pragma once

#include "base/buffer.hpp"
#include "triage/upstream.hpp"

#include <cstdint>
#include <string_view>

namespace triage {

/// Reads the whole body of the reply, at most `limit` bytes, followed by body_padding readable bytes. The view is valid
/// until the next call on `reply`. It points into the reply if the body came in one piece, otherwise into `storage`.
/// Errors: upstream_too_large, and those of Reply::next().
Async<Result<std::string_view>> read_whole(Reply& reply, std::uint64_t limit, Buffer& storage);

}  // namespace triage
