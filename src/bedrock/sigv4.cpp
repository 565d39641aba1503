// canonical request = METHOD \n path \n query \n name:value \n ... \n \n names \n hash of the body
// string to sign    = AWS4-HMAC-SHA256 \n time \n date/region/service/aws4_request \n hash of the canonical request
// key               = HMAC(HMAC(HMAC(HMAC("AWS4" secret, date), region), service), "aws4_request")
// signature         = HMAC(key, string to sign)
#include "bedrock/sigv4.hpp"

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "base/sha256.hpp"
#include "base/unix_time.hpp"

#include <algorithm>
#include <array>

namespace triage::bedrock {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view terminator = "aws4_request";

std::string_view view_of(const std::array<std::uint8_t, 32>& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// What is encoded stays so; every parameter has a '='.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view each : split(query, '&')) {
    if (each.empty()) continue;
    const std::size_t sign = each.find('=');
    auto& [name, value] = parameters.emplace_back();
    name = percent_encoded(each.substr(0, sign), "%");
    if (sign != std::string_view::npos) value = percent_encoded(each.substr(sign + 1), "%");
  }
  std::ranges::sort(parameters);
  std::string out;
  for (const auto& [name, value] : parameters)
    out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

// White space inside a value counts as one space.
void append_value(std::string& out, std::string_view value) {
  bool gap = false;
  const std::size_t begin = out.size();
  for (const char c : value) {
    const bool white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!white && gap && out.size() > begin) out += ' ';
    if (!white) out += c;
    gap = white;
  }
}

std::string credential_scope(const SigningScope& scope) {
  std::string out = amz_date(scope.time).substr(0, 8);
  return out.append("/").append(scope.region).append("/").append(scope.service).append("/").append(terminator);
}

}  // namespace

std::string normalized_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      kept.push_back(segment);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || path.ends_with('/') || path.ends_with("/.")) out += '/';
  return out;
}

CanonicalRequest canonical_request(const RequestToSign& request) {
  CanonicalRequest out;
  out.text.append(request.method).append("\n").append(percent_encoded(request.path, "/"));
  out.text.append("\n").append(canonical_query(request.query)).append("\n");
  std::vector<std::pair<std::string, std::string_view>> fields;
  for (const Field& field : request.fields) fields.emplace_back(to_lower(field.name), field.value);
  std::ranges::stable_sort(fields, {}, [](const auto& field) -> const std::string& { return field.first; });
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool again = i > 0 && fields[i].first == fields[i - 1].first;
    if (again) {
      out.text.back() = ',';
    } else {
      out.text.append(fields[i].first).append(":");
      out.signed_fields.append(i > 0 ? ";" : "").append(fields[i].first);
    }
    append_value(out.text, fields[i].second);
    out.text += '\n';
  }
  out.text.append("\n").append(out.signed_fields).append("\n").append(request.body_sha256);
  return out;
}

std::string string_to_sign(const SigningScope& scope, std::string_view canonical_request) {
  std::string out(algorithm);
  out.append("\n").append(amz_date(scope.time)).append("\n").append(credential_scope(scope)).append("\n");
  return out.append(hex(sha256(canonical_request)));
}

std::string signature(const AwsKeys& keys, const SigningScope& scope, std::string_view string_to_sign) {
  auto key = hmac_sha256("AWS4" + std::string(keys.secret_access_key), amz_date(scope.time).substr(0, 8));
  for (const std::string_view part : {scope.region, scope.service, terminator}) key = hmac_sha256(view_of(key), part);
  return hex(hmac_sha256(view_of(key), string_to_sign));
}

std::string amz_date(std::chrono::system_clock::time_point time) {
  return utc_text(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(), "%Y%m%dT%H%M%SZ");
}

std::string authorization(const AwsKeys& keys, const SigningScope& scope, const RequestToSign& request) {
  const CanonicalRequest canonical = canonical_request(request);
  std::string out(algorithm);
  out.append(" Credential=").append(keys.access_key_id).append("/").append(credential_scope(scope));
  out.append(", SignedHeaders=").append(canonical.signed_fields).append(", Signature=");
  return out.append(signature(keys, scope, string_to_sign(scope, canonical.text)));
}

}  // namespace triage::bedrock
