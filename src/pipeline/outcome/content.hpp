#pragma once
// Keeps the texts of a request and its answer for the ledger, as the route's `record` says (docs/ledger.md).

#include "text/redactor.hpp"
#include "triage/completion.hpp"
#include "triage/request.hpp"
#include "triage/spec.hpp"

#include <string>
#include <string_view>

namespace triage {

/// A route's `record`, ready to use; its content is not `off`. Immutable and thread-safe.
class ContentPolicy {
 public:
  ContentPolicy(const RecordSpec& spec, const LimitsSpec& limits);

  struct Texts {
    std::string content;
    std::string prompt;  ///< of the member `messages`, `prompt` or `input`
    std::string answer;  ///< of the first choice
  };
  /// Texts longer than enough() may be passed in part. The request's bytes must still be there.
  [[nodiscard]] Texts texts(const ApiRequest& request, const Completion& answer) const;

  /// The same for an answer alone.
  [[nodiscard]] std::string answer(const Completion& answer) const;

  /// How many bytes of a text are needed to store it.
  [[nodiscard]] std::size_t enough() const noexcept;

  /// The stored form of a text, in UTF-8; empty for an empty one. A text longer than enough() may be passed in part.
  [[nodiscard]] std::string kept(std::string_view text) const;
  /// The same for a piece of JSON, whose strings may have escapes. If it is complete and was not cut, the result is
  /// JSON. `json` must be followed by 32 readable bytes.
  [[nodiscard]] std::string kept_json(std::string_view json) const;

 private:
  [[nodiscard]] std::string cut(std::string text, bool whole) const;
  [[nodiscard]] std::string redacted_json(std::string_view json) const;
  const RecordSpec spec_;
  const LimitsSpec limits_;
  const Redactor redactor_;
};

}  // namespace triage
