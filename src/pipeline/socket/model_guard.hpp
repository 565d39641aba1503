#pragma once
// Sees to it that a client's events name no other model than the one that its connection was routed for. Pure.

#include "triage/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

class ModelGuard {
 public:
  /// `asked`: as the client named the model, and `own`: as the provider calls it. With `bound`, what cannot be read, or
  /// names another model, is refused; otherwise only the name is replaced.
  ModelGuard(std::string asked, std::string own, bool bound, std::uint32_t depth_max)
      : asked_(std::move(asked)), own_(std::move(own)), bound_(bound), depth_max_(depth_max) {}

  /// The event to be sent in the place of `event`, which must be followed by body_padding readable bytes: itself, or
  /// `storage` with the model replaced. Errors: invalid_json, json_too_deep, invalid_value.
  Result<std::string_view> pass(std::string_view event, std::string& storage) const;

 private:
  const std::string asked_;
  const std::string own_;
  const bool bound_;
  const std::uint32_t depth_max_;
};

}  // namespace triage
