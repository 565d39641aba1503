#pragma once
// The words of OTLP and of the semantic conventions, which spans and metrics share.

#include "ledger/otlp.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace triage::ledger::otlp {

using Json = nlohmann::ordered_json;

/// The operation of calls that pass through unread.
inline constexpr std::string_view passed_on = "pass_through";

/// gen_ai.operation.name of a request to `path`.
std::string_view operation_at(std::string_view path) noexcept;

/// One call to a provider, as the conventions name it.
struct Call {
  std::string_view operation;
  std::string model;  ///< empty: it is not known
  std::string_view error;
  const OtlpProvider* provider = nullptr;  ///< null: it is not in the configuration any more
  std::string_view provider_name;          ///< of the configuration

  [[nodiscard]] std::string name() const;
  [[nodiscard]] Json attributes() const;
};
Call call_of(const StoredRecord& record, const StoredAttempt& attempt, const OtlpProviders& providers);

/// Append an attribute, if there is a value.
void add(Json& attributes, std::string_view key, const Text& value);
void add(Json& attributes, std::string_view key, const Integer& value);
void add(Json& attributes, std::string_view key, const Real& value);

Json status(bool failed, std::string_view why);
/// Nanoseconds since the Unix epoch, as OTLP's JSON has 64-bit integers: in a text.
std::string nanoseconds(std::int64_t unix_ms, double ms_later = 0);
/// In valid UTF-8, whatever a provider has said.
std::string dumped(const Json& json);
/// The JSON of a resource and of an instrumentation scope.
std::string resource(const OtlpService& service);
std::string scope(const OtlpService& service);

}  // namespace triage::ledger::otlp
