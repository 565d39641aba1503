#pragma once
// What the dialects other than OpenAI's chat completions have in common.

#include "triage/dialect.hpp"

#include <optional>
#include <string_view>

namespace triage {

/// The blocks of a request that a provider of this form is to be told. Errors: untranslatable for what it refuses, or
/// why the request could not be read.
Result<const BlockRequest*> blocks_for(const ApiRequest& request, WireForm form, const Provider& provider);

/// Makes the client's bytes the body of `call`, with `model` in place of the one that they name.
void add_original(EncodedCall& call, const ApiRequest& request, std::string_view model);

/// Why a body cannot be an answer in JSON: it is empty, or a web page.
std::optional<Error> no_json(std::string_view content_type, std::string_view body);

}  // namespace triage
