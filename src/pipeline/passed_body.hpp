#pragma once
// Reads the body of a call that passes through. A body that may name a model is held in memory; any other is sent to
// the provider as it arrives.

#include "openai/named_model.hpp"
#include "pipeline/steps.hpp"

#include <string_view>

namespace triage {

struct PassedBody {
  bool held = false;
  std::string_view bytes;  ///< if held: all of it, followed by body_padding readable bytes
  bool json = false;       ///< its form; if neither is true, `named` is empty
  bool form = false;
  NamedModel named;
};

/// With `model_matters` a body whose model cannot be read is refused, unless it is a file. Errors: those of
/// Exchange::read_body(), invalid_json, json_too_deep, invalid_value, missing_parameter.
Async<Result<PassedBody>> read_passed_body(RequestRun& run, bool model_matters);

/// `body` with `model` in place of the name that it has, as views into `body` and `quoted`, which stores the new text.
std::vector<std::string_view> with_model(const PassedBody& body, std::string_view model, std::string& quoted);

}  // namespace triage
