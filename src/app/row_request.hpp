#pragma once
// The prompt of a row as a request that a client might have sent.

#include "triage/error.hpp"
#include "triage/request.hpp"
#include "triage/router.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// Belongs to one thread; neither copied nor moved, because views point into it.
class RowRequest {
 public:
  /// A chat request for `model`. `prompt`: JSON, see openai/row_line.hpp.
  RowRequest(const std::string& prompt, std::string_view model, std::uint32_t depth_max);
  RowRequest(const RowRequest&) = delete;
  RowRequest& operator=(const RowRequest&) = delete;

  /// Why the row's prompt is no request; nullopt: it is one, and input() may be called.
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  [[nodiscard]] const RoutingInput& input() const noexcept { return *input_; }

 private:
  std::string body_;
  RequestHead head_;
  ApiRequest request_;
  std::optional<Error> error_;
  std::optional<RoutingInput> input_;
};

}  // namespace triage
