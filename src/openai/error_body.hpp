#pragma once
// Errors in the shape that the OpenAI SDKs read: {"error":{"message","type","param","code"}}, always all four keys.

#include "triage/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// The body of an error reply: `type` and `code` from traits(), `param` null when empty. Invalid UTF-8 is replaced.
std::string error_body(const Error& error);

/// The same as one SSE event, the last of a stream that fails: `data: {...}` and the blank line.
std::string error_event(const Error& error);

/// Replaces every one of `secrets` in `text`, as is or JSON-escaped, by ***.
void mask(std::string& text, const std::vector<std::string_view>& secrets);

/// An upstream's error reply in OpenAI's shape. Kept byte for byte when it already has it; missing keys are filled with
/// null (`type` by status). Other shapes (`{"error":"text"}`, `{"message":...}`, `{"detail":...}`,
/// `{"object":"error",...}`, an array of one of these, plain text, HTML, nothing) are wrapped, the message bounded to
/// 1 KiB of valid UTF-8. Each of `secrets`, as it is or JSON-escaped, becomes `***`. `body`: any bytes, no padding
/// needed.
std::string normalized_error_body(int status, std::string_view content_type, std::string_view body,
                                  const std::vector<std::string_view>& secrets);

/// The message of an object that reports an error in one of the shapes above, bounded to 1 KiB; "" if it has none.
/// `json` needs body_padding readable bytes behind it.
std::string reported_message(std::string_view json);

}  // namespace triage
