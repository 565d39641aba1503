#pragma once

#include "base/buffer.hpp"
#include "triage/upstream.hpp"

#include <cstdint>
#include <string_view>

namespace triage {

/// The whole body of the reply, at most `limit` bytes, body_padding readable bytes behind. The view is valid until the
/// next call on `reply`; it points into the reply when one piece was all, else into `storage`.
/// Errors: upstream_too_large, those of Reply::next().
Async<Result<std::string_view>> read_whole(Reply& reply, std::uint64_t limit, Buffer& storage);

}  // namespace triage
