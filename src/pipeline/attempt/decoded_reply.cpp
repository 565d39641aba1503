#include "pipeline/attempt/decoded_reply.hpp"

#include "http1/content_decoder.hpp"

#include <utility>

namespace triage {
namespace {

class DecodedReply final : public Reply {
 public:
  DecodedReply(std::unique_ptr<Reply> inner, ContentCoding coding)
      : inner_(std::move(inner)), head_(inner_->head()), decoder_(coding) {
    std::erase_if(head_.fields, [](const Field& field) {
      return iequals(field.name, "content-encoding") || iequals(field.name, "content-length");
    });
  }

  [[nodiscard]] const ResponseHead& head() const noexcept override { return head_; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override { return std::nullopt; }

  Async<Result<std::string_view>> next() override {
    for (;;) {
      const auto piece = decoder_.next();
      if (!piece || !piece->empty() || ended_) co_return piece;
      const auto raw = co_await inner_->next();
      if (!raw) co_return raw;
      ended_ = raw->empty();
      if (ended_ && !decoder_.complete())
        co_return Error{ErrorCode::upstream_truncated, "the provider's compressed answer ended too early"};
      decoder_.feed(*raw);
    }
  }

 private:
  std::unique_ptr<Reply> inner_;
  ResponseHead head_;  // views into inner_'s
  ContentDecoder decoder_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Reply> decoded(std::unique_ptr<Reply> reply) {
  const ContentCoding coding = content_coding(reply->head().fields);
  if (coding == ContentCoding::identity || coding == ContentCoding::unknown) return reply;
  return std::make_unique<DecodedReply>(std::move(reply), coding);
}

}  // namespace triage
