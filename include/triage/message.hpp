#pragma once
// HTTP messages as every stage sees them: parsed, checked, free of framing. All views point into the buffer of the
// connection that owns the message and are valid until that exchange (or reply) ends.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// One header field. `name` is a token as the sender spelled it; `value` has its outer white space removed.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// ASCII case-insensitive equality of two texts of the same size.
bool iequals_of_one_size(std::string_view a, std::string_view b) noexcept;
/// ASCII case-insensitive equality, as field names and most tokens need (RFC 9110, 5.1).
inline bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a.empty()) return true;
  return ((a.back() ^ b.back()) & ~0x20) == 0 && iequals_of_one_size(a, b);  // most texts that differ do so at the end
}

/// The value of the first field called `name`, or nullopt.
std::optional<std::string_view> find_field(const std::vector<Field>& fields, std::string_view name) noexcept;

/// A request's head after the strict check of http1/head_parser.hpp.
struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< as sent
  std::string_view path;    ///< origin-form path, without the query; "*" for OPTIONS *
  std::string_view query;   ///< after '?', may be empty
  std::string_view host;
  std::vector<Field> fields;  ///< in order, framing fields included
  int minor = 1;              ///< HTTP/1.minor
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expect_continue = false;

  [[nodiscard]] bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
};

/// A response's head. When a handler fills it, `fields` has no framing and no hop-by-hop fields.
struct ResponseHead {
  int status = 200;
  std::vector<Field> fields;
};

}  // namespace triage
