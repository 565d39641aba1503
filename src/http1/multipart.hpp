#pragma once
// Forms as clients of an API send them with a file (RFC 7578; RFC 2046, 5.1.1). Pure; views into the body.
//
//   --B CRLF
//   Content-Disposition: form-data; name="model" CRLF CRLF
//   whisper-1 CRLF
//   --B CRLF
//   Content-Disposition: form-data; name="file"; filename="a.mp3" CRLF Content-Type: audio/mpeg CRLF CRLF
//   ... CRLF
//   --B--

#include <optional>
#include <string_view>
#include <vector>

namespace triage {

struct FormField {
  std::string_view name;
  std::string_view value;
  bool file = false;  ///< it has a filename
};

/// The fields of `body` in order. nullopt: `content_type` is not multipart/form-data, or two readers could take the
/// body for different forms: bytes before the first boundary or behind the last, the boundary anywhere else, lines that
/// end in a bare LF, folded lines, names that are not quoted or have escapes in them, an encoding.
std::optional<std::vector<FormField>> read_form(std::string_view content_type, std::string_view body);

}  // namespace triage
