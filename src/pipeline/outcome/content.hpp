#pragma once
// What the ledger keeps of the texts of a request and its answer, as the route's `record` says (docs/ledger.md).

#include "text/redactor.hpp"
#include "triage/completion.hpp"
#include "triage/request.hpp"
#include "triage/spec.hpp"

#include <string>
#include <string_view>

namespace triage {

/// A route's `record`, ready for use; its content is not `off`. Immutable, used by all loops.
class ContentPolicy {
 public:
  ContentPolicy(const RecordSpec& spec, const LimitsSpec& limits);

  struct Texts {
    std::string content;
    std::string prompt;  ///< of the member `messages`, `prompt` or `input`
    std::string answer;  ///< of the first choice
  };
  /// Of a longer answer text the first enough() bytes may be given. The request's bytes are there.
  [[nodiscard]] Texts texts(const ApiRequest& request, const Completion& answer) const;

  /// The same of an answer alone.
  [[nodiscard]] std::string answer(const Completion& answer) const;

  /// How many bytes of a text are needed to keep it.
  [[nodiscard]] std::size_t enough() const noexcept;

  /// What is kept of a text, UTF-8; of a longer one the first enough() bytes may be given. Empty for an empty one.
  [[nodiscard]] std::string kept(std::string_view text) const;
  /// The same of a piece of JSON, whose strings may have escapes; if it is whole, what is kept of it is JSON, unless it
  /// was cut. 32 readable bytes behind.
  [[nodiscard]] std::string kept_json(std::string_view json) const;

 private:
  [[nodiscard]] std::string cut(std::string text, bool whole) const;
  [[nodiscard]] std::string redacted_json(std::string_view json) const;
  const RecordSpec spec_;
  const LimitsSpec limits_;
  const Redactor redactor_;
};

}  // namespace triage
