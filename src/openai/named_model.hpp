#pragma once
// Finds the model that a request names, in a body that is not parsed otherwise: a member `model` of a JSON object, as
// in all of OpenAI's APIs (for realtime sessions inside `session`), or a field of a form.

#include "triage/error.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct NamedModel {
  std::string model;    ///< empty: there is none, or its value cannot be a name
  Span value;           ///< its position: in JSON the string with its quotes; empty: there is none
  bool named = false;   ///< there is a `model`, even if it cannot be a name
  bool more = false;    ///< other members may name models too: `models` (OpenRouter), a second `model`, or `Model`,
                        ///< which servers written in Go read as `model`
  bool stream = false;  ///< the answer is to be a stream
};

/// Checks all of `body`, which must be followed by body_padding readable bytes, as parse_request_body() does.
/// Errors: invalid_json, json_too_deep.
Result<NamedModel> read_named_model(std::string_view body, std::uint32_t depth_max);

/// The same for a form. nullopt: it is not a form, or two servers could read it differently (http1/multipart.hpp).
std::optional<NamedModel> read_form_model(std::string_view content_type, std::string_view body);

}  // namespace triage
