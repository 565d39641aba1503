#pragma once

#include "triage/upstream.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace triage {

/// A reply whose first piece was read ahead of the rest.
class ReadAhead final : public Reply {
 public:
  ReadAhead(std::unique_ptr<Reply> inner, Result<std::string_view> first)
      : inner_(std::move(inner)), first_(std::move(first)) {}
  [[nodiscard]] const ResponseHead& head() const noexcept override { return inner_->head(); }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override {
    return inner_->content_length();
  }
  Async<Result<std::string_view>> next() override {
    if (!first_) return inner_->next();
    return give_first();
  }

 private:
  Async<Result<std::string_view>> give_first() {
    const Result<std::string_view> first = *first_;
    first_.reset();
    co_return first;
  }

  std::unique_ptr<Reply> inner_;
  std::optional<Result<std::string_view>> first_;
};

}  // namespace triage
