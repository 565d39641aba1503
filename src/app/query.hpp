#pragma once
// The parameters of a target's query: NAME=VALUE, joined by &, percent-encoded, + for a blank.

#include "triage/error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

class Query {
 public:
  /// The last value of a name counts.
  explicit Query(std::string_view query);

  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
  /// Throws BadQuery if it is no number.
  [[nodiscard]] std::optional<std::int64_t> whole(const std::string& name) const;
  [[nodiscard]] std::optional<double> decimal(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

struct BadQuery {
  Error error;
};

}  // namespace triage
