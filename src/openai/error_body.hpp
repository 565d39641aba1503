#pragma once
// Errors in the format that the OpenAI SDKs read: {"error":{"message","type","param","code"}}, always with all four
// keys.

#include "triage/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// The body of an error reply: `type` and `code` from traits(), `param` null when empty. Invalid UTF-8 is replaced.
std::string error_body(const Error& error);

/// The same as one SSE event, which ends a failing stream: `data: {...}` and the blank line.
std::string error_event(const Error& error);

/// Replaces each occurrence of `secrets` in `text`, as is or JSON-escaped, by ***.
void mask(std::string& text, const std::vector<std::string_view>& secrets);

/// An upstream's error reply in OpenAI's format. A body that already has this format is kept byte for byte, except that
/// missing keys are filled with null (`type` by status). Other formats (`{"error":"text"}`, `{"message":...}`,
/// `{"detail":...}`, `{"object":"error",...}`, an array of one of these, plain text, HTML, nothing) are wrapped, the
/// message bounded to 1 KiB of valid UTF-8. Each of `secrets`, as is or JSON-escaped, becomes `***`. `body` may be any
/// bytes and needs no padding.
std::string normalized_error_body(int status, std::string_view content_type, std::string_view body,
                                  const std::vector<std::string_view>& secrets);

/// An error's body in OpenAI's format, with `code`, which needs no escaping, in place of its own.
std::string with_code(std::string body, std::string_view code);

/// The message of an object that reports an error in one of the formats above, bounded to 1 KiB; "" if it has none.
/// `json` must be followed by body_padding readable bytes.
std::string reported_message(std::string_view json);

}  // namespace triage
