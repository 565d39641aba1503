#include "pipeline/attempt/whole_body.hpp"

namespace triage {

Async<Result<std::string_view>> read_whole(Reply& reply, std::uint64_t limit, Buffer& storage) {
  const auto too_large = [limit] {
    return Error{ErrorCode::upstream_too_large,
                 "the provider's answer is larger than " + std::to_string(limit) + " bytes (limits.reply)"};
  };
  const auto declared = reply.content_length();
  if (declared && *declared > limit) co_return too_large();
  for (;;) {
    const auto piece = co_await reply.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return storage.view();
    if (storage.empty() && declared && piece->size() == *declared) co_return *piece;
    if (storage.size() + piece->size() > limit) co_return too_large();
    if (storage.empty()) storage.reserve(declared ? static_cast<std::size_t>(*declared) : 4 * piece->size());
    storage.append(*piece);
  }
}

}  // namespace triage
