#pragma once
// Which model a body asks for whose API is not read in full: JSON with a member `model`, as all of OpenAI's APIs have
// it (of realtime sessions: in `session`), or a form with such a field.

#include "triage/error.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct NamedModel {
  std::string model;   ///< empty: none is named, or not by a text that could be a name
  Span value;          ///< where it stands: of JSON the string with its quotes; empty: there is none
  bool named = false;  ///< there is a `model`, though it may be no name
  bool more = false;  ///< other members may name models, too: `models` (OpenRouter), a second `model`, a `Model`, which
                      ///< servers in Go take for the same
  bool stream = false;           ///< the answer is to be a stream
  std::size_t object_begin = 0;  ///< of JSON: offset just behind the top-level '{'
};

/// Checks all of `body` (body_padding readable bytes behind) as parse_request_body() does. Errors: invalid_json,
/// json_too_deep.
Result<NamedModel> read_named_model(std::string_view body, std::uint32_t depth_max);

/// The same of a form; nullopt: it is none, or not one that everybody reads alike (http1/multipart.hpp).
std::optional<NamedModel> read_form_model(std::string_view content_type, std::string_view body);

}  // namespace triage
