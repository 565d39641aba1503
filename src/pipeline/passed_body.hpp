#pragma once
// The body of a call that passes through, as far as it is read: held in memory where it may name a model, else it goes
// up as it arrives.

#include "openai/named_model.hpp"
#include "pipeline/steps.hpp"

#include <string_view>

namespace triage {

struct PassedBody {
  bool held = false;
  std::string_view bytes;  ///< if it is; body_padding readable bytes behind
  bool json = false;       ///< of what form; neither: `named` is empty
  bool form = false;
  NamedModel named;
};

/// `model_matters`: a body that cannot be read is refused, but for those that are files. Errors: those of
/// Exchange::read_body(), invalid_json, json_too_deep, invalid_value, missing_parameter.
Async<Result<PassedBody>> read_passed_body(RequestRun& run, bool model_matters);

/// `body` with `model` in place of the one that it names; all of it views. `quoted` keeps the new text.
std::vector<std::string_view> with_model(const PassedBody& body, std::string_view model, std::string& quoted);

}  // namespace triage
