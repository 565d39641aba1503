#pragma once

#include <iosfwd>
#include <string>
#include <utility>

namespace triage {

/// A value that must stay secret: streams and dumps print `***`. Only the code that sends it calls reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

 private:
  std::string value_;
};
std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace triage
