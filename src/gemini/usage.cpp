// {"promptTokenCount":P,"candidatesTokenCount":C,"thoughtsTokenCount":R,"toolUsePromptTokenCount":U,
//  "totalTokenCount":P+C+R+U,"cachedContentTokenCount":K (of P),
//  "promptTokensDetails":[{"modality":"AUDIO","tokenCount":A}],"candidatesTokensDetails":[...],
//  "serviceTier":"flex","trafficType":"ON_DEMAND_FLEX"}
#include "gemini/usage.hpp"

#include "answer/usage.hpp"
#include "gemini/spelling.hpp"
#include "triage/price.hpp"

#include <algorithm>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;

class UsageReader {
 public:
  UsageReader(JsonReader& in, std::string_view& service_tier) : in_(in), service_tier_(service_tier) {}

  std::optional<UsageReport> read() {
    each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (!counted_) return std::nullopt;
    out_.input = prompt_ + tools_;
    out_.output = candidates_ + out_.reasoning;
    return out_;
  }

 private:
  void read_member(const JsonString& name) {
    if (is_called(name, "promptTokenCount"))
      count(prompt_);
    else if (is_called(name, "candidatesTokenCount"))
      count(candidates_);
    else if (is_called(name, "thoughtsTokenCount"))
      count(out_.reasoning);
    else if (is_called(name, "toolUsePromptTokenCount"))
      count(tools_);
    else if (is_called(name, "totalTokenCount"))
      count(out_.total);
    else if (is_called(name, "cachedContentTokenCount"))
      count(out_.cached);
    else if (is_called(name, "promptTokensDetails"))
      each_element(in_, [this] { read_modality(false); });
    else if (is_called(name, "candidatesTokensDetails"))
      each_element(in_, [this] { read_modality(true); });
    else if (is_called(name, "serviceTier") || is_called(name, "trafficType"))
      read_tier();
    else
      in_.skip();
  }

  void count(std::int64_t& into) {
    const auto value = read_whole(in_);
    if (!value || *value < 0 || *value > billed_tokens_max) return;
    into = *value;
    counted_ = true;
  }

  void read_modality(bool output) {
    JsonString modality;
    std::int64_t tokens = 0;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("modality") && in_.kind() == Kind::string)
        in_.string(modality);
      else if (is_called(name, "tokenCount"))
        count(tokens);
      else
        in_.skip();
    });
    if (modality.is("AUDIO")) (output ? out_.output_audio : out_.input_audio) += tokens;
    if (output && (modality.is("IMAGE") || modality.is("VIDEO"))) out_.unpriced += tokens;
  }

  void read_tier() {
    JsonString tier;
    if (in_.kind() != Kind::string || !in_.string(tier)) return void(in_.skip());
    const std::string word = tier.text();
    for (const std::string_view name : {"flex", "priority"}) {
      std::string upper(name);
      std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 32); });
      if (word.ends_with(name) || word.ends_with(upper)) service_tier_ = name;
    }
  }

  JsonReader& in_;
  std::string_view& service_tier_;
  UsageReport out_;
  std::int64_t prompt_ = 0;
  std::int64_t candidates_ = 0;
  std::int64_t tools_ = 0;
  bool counted_ = false;
};

}  // namespace

std::optional<UsageReport> read_usage(JsonReader& in, std::string_view& service_tier) {
  if (in.kind() != Kind::object) {
    in.skip();
    return std::nullopt;
  }
  return UsageReader(in, service_tier).read();
}

void append_usage(std::string& out, const UsageReport& report) {
  const Usage usage = settled(report);
  const auto number = [&out](std::string_view before, std::int64_t value) {
    out.append(before).append(std::to_string(value));
  };
  number(R"({"promptTokenCount":)", usage.input);
  number(R"(,"candidatesTokenCount":)", std::max<std::int64_t>(0, usage.output - usage.reasoning));
  number(R"(,"totalTokenCount":)", usage.input + usage.output);
  if (usage.input_cached > 0) number(R"(,"cachedContentTokenCount":)", usage.input_cached);
  if (usage.reasoning > 0) number(R"(,"thoughtsTokenCount":)", usage.reasoning);
  out += '}';
}

}  // namespace triage::gemini
