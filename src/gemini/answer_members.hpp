#pragma once
// The members of a GenerateContentResponse that matter here. Part of answer_reader.cpp.

#include "json/json.hpp"
#include "triage/usage.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace triage::gemini {

/// What one part says.
struct AnswerPart {
  JsonString text;
  JsonString signature;
  bool thought = false;
  bool own_tool = false;  ///< of a tool that the provider runs itself
  bool call = false;      ///< a functionCall, or a piece of one
  JsonString id;
  JsonString name;             ///< of a call, or of a result's; empty: a further piece of the last call
  std::string_view arguments;  ///< a JSON object; empty: none
  std::string_view pieces;     ///< of arguments: see PartialArgs
  bool goes_on = false;        ///< further pieces come
  bool result = false;         ///< the provider has answered the call itself
};

/// A page that the answer's text cites; places are in bytes of it, -1: not said.
struct PageCited {
  JsonString url;
  JsonString title;
  std::int64_t from = -1;
  std::int64_t to = -1;
  bool recited = false;
};

struct AnswerMembers {
  std::vector<AnswerPart> parts;  ///< of the first candidate
  JsonString reason;
  JsonString message;
  JsonString blocked;  ///< why the prompt was
  JsonString id;
  JsonString model;
  std::vector<PageCited> cited;
  std::string_view logprobs;  ///< logprobsResult
  std::optional<UsageReport> usage;
  std::string_view service_tier;
  std::string_view error;
  bool says = false;  ///< anything that belongs to an answer
};

/// All of `json`, followed by body_padding readable bytes. False: it is no JSON object.
bool read_answer_members(std::string_view json, AnswerMembers& out);

}  // namespace triage::gemini
