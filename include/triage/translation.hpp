#pragma once
// What becomes of each part of a request where the provider speaks another dialect than the client. One table
// (src/blocks/field_table.cpp) has a row for each and a column for each dialect; docs/translation.md is made from it.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// The dialects that differ in form: in whose words a request is put and an answer given.
enum class WireForm : std::uint8_t { openai, anthropic, responses, gemini, bedrock };
template <>
inline constexpr std::array<std::string_view, 5> words<WireForm>{"openai", "anthropic", "responses", "gemini",
                                                                 "bedrock"};

/// exact: it says the same there. drop: a hint that the provider has no word for; it is left out, and the client and
/// the record are told. refuse: without it the answer would be another one, so such a deployment is no candidate.
enum class Loss : std::uint8_t { exact, drop, refuse };
template <>
inline constexpr std::array<std::string_view, 3> words<Loss>{"exact", "drop", "refuse"};

/// The parts of a request that not every dialect has a word for.
enum class RequestField : std::uint8_t {
  n,
  logprobs,
  logit_bias,
  audio_output,
  audio_input,
  web_search,
  custom_tools,
  server_tools,
  file_id,
  server_state,
  temperature_above_1,
  json_object,
  json_schema,
  stops,
  many_stops,
  blank_stop,
  document_url,
  other_documents,
  prefill,
  image_url,
  documents,
  reasoning,
  thoughts,
  tool_failed,
  cache_control,
  citations,
  strict,
  parallel_tool_calls,
  top_k,
  user,
  seed,
  presence_penalty,
  frequency_penalty,
  service_tier,
  store,
  metadata,
  verbosity,
  prediction,
  prompt_cache_key,
  participant_name,
  context_management,
  other_api,
  forced_choice,
  system_later,
  stops_above_5,
  schema_strict,
  candidate_count,
  open_calls,
  safety_settings,
  cached_content,
  response_store,
  response_mime_type,
};
inline constexpr std::size_t request_field_count = static_cast<std::size_t>(RequestField::response_mime_type) + 1;

/// Some of them, one bit each.
using RequestFields = std::uint64_t;
constexpr RequestFields bit(RequestField field) noexcept {
  return RequestFields{1} << static_cast<unsigned>(field);
}

/// A row of the table.
struct FieldRow {
  RequestField field;
  std::string_view name;   ///< as clients call it, in x-triage-dropped and as an error's `param`
  std::string_view where;  ///< what in a request says it
  std::array<Loss, words<WireForm>.size()> loss;
  std::string_view note;  ///< how it is said where it is not the same word
  std::string_view help;  ///< what to do where it is refused
};
const FieldRow& row_of(RequestField field) noexcept;

/// Those of `fields` that a provider of this form refuses, and those that it drops.
RequestFields refused_fields(RequestFields fields, WireForm form) noexcept;
RequestFields dropped_fields(RequestFields fields, WireForm form) noexcept;

/// Their names, in the table's order.
std::vector<std::string> names_of_fields(RequestFields fields);

/// The table as Markdown.
std::string field_table_text();

}  // namespace triage
