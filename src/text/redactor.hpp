#pragma once
// Removes from a text what should not be kept: e-mail addresses, telephone and payment card numbers, API keys and
// tokens, and what the configured patterns match. Each is replaced by a word in brackets that says what it was:
// [email], [phone], [card], [key], [redacted]. It goes by form alone, so it misses what has no form (names, addresses)
// and now and then takes an innocent number.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

class Redactor {
 public:
  /// RE2 patterns that passed regex_problem(). Any other is ignored.
  explicit Redactor(const std::vector<std::string>& patterns = {});
  Redactor(Redactor&&) noexcept;
  ~Redactor();

  /// Linear in the text. Thread-safe.
  [[nodiscard]] std::string redacted(std::string_view text) const;

 private:
  struct Detector;
  std::vector<Detector> detectors_;
};

}  // namespace triage
