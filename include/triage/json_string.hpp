#pragma once

#include <string>
#include <string_view>

namespace triage {

/// A JSON string as spelled, without its quotes, followed by 32 readable bytes.
struct JsonString {
  std::string_view raw;
  bool escaped = false;  ///< contains a backslash

  [[nodiscard]] bool is(std::string_view wanted) const { return escaped ? text() == wanted : raw == wanted; }
  /// The string with escapes resolved. A lone surrogate becomes three bytes that are not UTF-8.
  [[nodiscard]] std::string text() const;
  void append_to(std::string& out) const;
};

}  // namespace triage
