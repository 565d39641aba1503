#include "ledger/stored_pair.hpp"

#include "ledger/json_members.hpp"

#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::json;

constexpr double usd_per_nano = 1e-9;

bool read_half(const Json& pair, const char* name, StoredHalf& out) {
  const auto half = pair.find(name);
  if (half == pair.end() || !half->is_object()) return false;
  out.tier = text_member(*half, "tier");
  out.answer = text_member(*half, "answer");
  out.score = number_member(*half, "score");
  if (out.score && (*out.score < 0 || *out.score > 1)) out.score.reset();
  if (const auto nano = number_member(*half, "cost_nano_usd")) out.cost_usd = *nano * usd_per_nano;
  return true;
}

}  // namespace

std::optional<StoredPair> read_pair(std::optional<std::string_view> json) {
  if (!json) return std::nullopt;
  const Json pair = Json::parse(*json, nullptr, false);
  if (!pair.is_object()) return std::nullopt;
  StoredPair out;
  out.kind = text_member(pair, "kind");
  out.given = text_member(pair, "given");
  if (!read_half(pair, "cheap", out.cheap) || !read_half(pair, "strong", out.strong)) return std::nullopt;
  return out;
}

}  // namespace triage::ledger
