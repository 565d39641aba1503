#include "pipeline/trace_context.hpp"

#include "base/ascii.hpp"
#include "base/hash.hpp"
#include "base/span_id.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t length = 55;  // of version 00
constexpr std::uint8_t flags_known = 0x03;

bool is_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) noexcept {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

int digit_of(char c) noexcept {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

std::optional<TraceContext> parse(std::string_view value) {
  if (value.size() < length || value[2] != '-' || value[35] != '-' || value[52] != '-') return std::nullopt;
  const std::string_view version = value.substr(0, 2);
  const std::string_view flags = value.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !is_hex(flags)) return std::nullopt;
  // Later versions may add to the end.
  if (value.size() > length && (version == "00" || value[length] != '-')) return std::nullopt;
  if (!is_id(value.substr(3, 32)) || !is_id(value.substr(36, 16))) return std::nullopt;
  const auto bits = static_cast<unsigned>(digit_of(flags[0]) * 16 + digit_of(flags[1]));
  return TraceContext{std::string(value.substr(3, 32)), std::string(value.substr(36, 16)),
                      static_cast<std::uint8_t>(bits & flags_known)};
}

// Whether a share of all traces has this one.
bool drawn(std::string_view request_id, double share) noexcept {
  constexpr std::uint64_t seed = 0x7472616365;
  return static_cast<double>(stable_hash64(request_id, seed) >> 11) * 0x1p-53 < share;
}

}  // namespace

TraceContext trace_of(const RequestHead& head, std::string_view request_id, const std::optional<OtlpSpec>& otlp) {
  const Field* named = nullptr;
  bool twice = false;
  for (const Field& field : head.fields) {
    if (field.name.size() != 11 || !iequals(field.name, "traceparent")) continue;
    twice = named != nullptr;
    named = &field;
  }
  if (named != nullptr && !twice)
    if (auto context = parse(named->value)) return *std::move(context);
  if (!otlp || !otlp->traces) return {};
  const std::string id = hex_of(stable_hash64(request_id, 1ULL << 32)) + hex_of(stable_hash64(request_id, 2ULL << 32));
  return {id, {}, static_cast<std::uint8_t>(drawn(request_id, otlp->sample) ? 1 : 0)};
}

void continue_trace(EncodedCall& call, const TraceContext& trace, std::string_view request_id, std::size_t attempt) {
  std::vector<Field>& fields = call.call.fields;
  const auto is = [](const Field& field, std::string_view name) {
    return field.name.size() == name.size() && iequals(field.name, name);
  };
  const auto found = std::ranges::find_if(fields, [&](const Field& field) { return is(field, "traceparent"); });
  if (trace.trace_id.empty()) {
    if (found != fields.end())
      std::erase_if(fields, [&](const Field& field) { return is(field, "traceparent") || is(field, "tracestate"); });
    return;
  }
  const std::string_view value = call.own("00-" + trace.trace_id + "-" + span_id(request_id, attempt) + "-0" +
                                          std::to_string(static_cast<unsigned>(trace.flags)));
  if (found != fields.end())
    found->value = value;
  else
    fields.push_back({"traceparent", value});
}

}  // namespace triage
