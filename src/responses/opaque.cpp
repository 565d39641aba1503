#include "responses/opaque.hpp"

#include <array>

namespace triage::responses {
namespace {

constexpr char separator = '#';
constexpr std::string_view id_prefix = "rs_";
constexpr std::array<std::string_view, 4> prefixes{"", "redacted#", "item#", "text#"};

}  // namespace

std::string_view opaque_prefix(OpaqueKind kind) noexcept {
  return prefixes[static_cast<std::size_t>(kind)];
}

Opaque read_opaque(const JsonString& encrypted_content) {
  for (const OpaqueKind kind : {OpaqueKind::redacted, OpaqueKind::of_item, OpaqueKind::of_text}) {
    const std::string_view prefix = opaque_prefix(kind);
    if (encrypted_content.raw.starts_with(prefix))
      return {kind, {encrypted_content.raw.substr(prefix.size()), encrypted_content.escaped}};
  }
  return {OpaqueKind::thought, encrypted_content};
}

std::string join_signature(std::string_view id, std::string_view encrypted_content) {
  std::string out(id);
  if (!id.empty()) out += separator;
  return out.append(encrypted_content);
}

SplitSignature split_signature(std::string_view signature) noexcept {
  const std::size_t at = signature.find(separator);
  if (at == std::string_view::npos || !signature.starts_with(id_prefix)) return {{}, signature};
  return {signature.substr(0, at), signature.substr(at + 1)};
}

}  // namespace triage::responses
