#pragma once
// Parses forms as API clients send them with a file (RFC 7578; RFC 2046, 5.1.1). Pure. The results are views into the
// body.
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

/// The fields of `body`, in order. nullopt if `content_type` is not multipart/form-data, or if two servers could read
/// the body differently: bytes before the first boundary or after the last, the boundary in any other place, lines that
/// end in a bare LF, folded lines, names without quotes or with escapes, transfer encodings.
std::optional<std::vector<FormField>> read_form(std::string_view content_type, std::string_view body);

}  // namespace triage
