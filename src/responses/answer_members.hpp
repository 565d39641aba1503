#pragma once
// The members of a Responses answer's events and items that matter here. Part of answer_reader.cpp.

#include "json/json.hpp"
#include "triage/error.hpp"
#include "triage/usage.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace triage::responses {

/// Of an event, of the response inside it, or of a whole answer; objects and lists as JSON text, empty if absent.
struct AnswerMembers {
  JsonString type;
  JsonString id;
  JsonString model;
  JsonString status;
  JsonString text;              ///< a delta, or what the end of a part says
  std::string_view logprobs;    ///< of that text
  std::string_view annotation;  ///< that was added
  JsonString why;               ///< of incomplete_details
  JsonString code;              ///< of an error
  std::int64_t output_index = 0;
  std::int64_t part = 0;  ///< content_index or summary_index
  std::string_view item;
  std::string_view output;
  std::string_view error;
  std::optional<UsageReport> usage;
  std::string_view service_tier;
};

struct OutputItem {
  JsonString type;
  JsonString id;
  JsonString call_id;
  JsonString name;
  JsonString arguments;  ///< of a custom tool: its input
  JsonString encrypted_content;
  std::string_view summary;
  std::string_view content;
};

/// All of `json`, followed by body_padding readable bytes. nullopt: it is no JSON object.
std::optional<AnswerMembers> read_answer_members(std::string_view json);

/// Consumes one value of `json`.
OutputItem read_output_item(JsonReader& in, std::string_view json);

struct OutputPart {
  JsonString text;
  bool refuses = false;
  std::string_view logprobs;
  std::string_view annotations;
};
/// Consumes one part of a content or a summary, which is in `json`.
OutputPart read_output_part(JsonReader& in, std::string_view json);

/// A page that a text cites.
struct Annotation {
  JsonString url;  ///< empty: it is of another type
  JsonString title;
  std::int64_t from = -1;  ///< in characters of the part's text
  std::int64_t to = -1;
};
/// Consumes one annotation.
Annotation read_annotation(JsonReader& in);

/// What an event, or an answer, that reports an error says.
Error reported_error(std::string_view json, const AnswerMembers& members);

}  // namespace triage::responses
