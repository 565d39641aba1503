#include "ledger/record_json.hpp"

#include "wire/json.hpp"

#include <charconv>
#include <cmath>

// Written on the event loop, once a request: no stream, no DOM, no locale. Times have three decimals at most, so that a
// microsecond is the smallest step; trailing zeros go, one decimal stays: 0.4, 210.0.

namespace triage::ledger {
namespace {

/// A member's name as it is written: `,"name":`.
template <std::size_t size>
struct Name {
  char text[size + 3];
  consteval Name(const char (&name)[size]) : text{',', '"'} {  // NOLINT: implicit, to be written as a plain literal
    for (std::size_t i = 0; i + 1 < size; ++i) text[i + 2] = name[i];
    text[size + 1] = '"';
    text[size + 2] = ':';
  }
};

class Members {
 public:
  explicit Members(std::string& out) : out_(out) {}

  template <Name name>
  void number(std::int64_t value) {
    open<name>();
    append(value);
  }
  /// 0 is null.
  template <Name name>
  void status(int value) {
    open<name>();
    value == 0 ? null() : append(value);
  }
  template <Name name>
  void money(const std::optional<std::int64_t>& value) {
    open<name>();
    value ? append(*value) : null();
  }
  template <Name name>
  void time(const std::optional<double>& value) {
    open<name>();
    value ? append_time(*value) : null();
  }
  template <Name name>
  void score(const std::optional<double>& value) {
    open<name>();
    if (!value || !std::isfinite(*value)) return null();
    char text[32];
    out_.append(text, std::to_chars(text, text + sizeof text, *value).ptr);
  }
  template <Name name>
  void boolean(bool value) {
    open<name>();
    out_ += value ? "true" : "false";
  }
  /// "" is null.
  template <Name name>
  void text(std::string_view value) {
    open<name>();
    value.empty() ? null() : append_json_string(out_, value);
  }
  /// Of ours: nothing in it needs an escape.
  template <Name name>
  void word(std::string_view value) {
    open<name>();
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  /// The value follows from elsewhere.
  template <Name name>
  void open() {
    const std::size_t comma = first_ ? 1 : 0;
    first_ = false;
    out_.append(name.text + comma, sizeof name.text - comma);
  }

 private:
  void null() { out_ += "null"; }
  void append(std::int64_t value) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  void append_time(double ms) {
    constexpr double limit = 1e15;
    if (!(std::abs(ms) < limit)) return null();
    std::int64_t us = std::llround(ms * 1000);
    char text[32];
    char* end = text;
    if (us < 0) *end++ = '-', us = -us;
    end = std::to_chars(end, text + sizeof text, us / 1000).ptr;
    const auto digit = [&](std::int64_t unit) { *end++ = static_cast<char>('0' + us / unit % 10); };
    *end++ = '.';
    digit(100);
    if (us % 100 != 0) digit(10);
    if (us % 10 != 0) digit(1);
    out_.append(text, end);
  }

  std::string& out_;
  bool first_ = true;
};

template <class Names, class E>
std::string_view name_of(const Names& names, E value) {
  return names[static_cast<std::size_t>(value)];
}

template <class Item>
void append_list(std::string& out, const std::vector<Item>& items, void (*append)(std::string&, const Item&)) {
  out += '[';
  for (const Item& item : items) {
    if (&item != items.data()) out += ',';
    out += '{';
    append(out, item);
    out += '}';
  }
  out += ']';
}

void append_router(std::string& out, const ChainRecord& said) {
  Members members(out);
  members.text<"router">(said.router);
  members.text<"tier">(said.tier);
  members.score<"score">(said.score);
  members.text<"reason">(said.reason);
}

void append_tokens(std::string& out, const Usage& tokens) {
  Members members(out);
  members.number<"input">(tokens.input);
  members.number<"input_cached">(tokens.input_cached);
  members.number<"cache_write">(tokens.cache_write);
  members.number<"output">(tokens.output);
  members.number<"reasoning">(tokens.reasoning);
  members.number<"input_audio">(tokens.input_audio);
  members.number<"output_audio">(tokens.output_audio);
}

void append_attempt(std::string& out, const AttemptRecord& attempt) {
  Members members(out);
  members.word<"purpose">(name_of(purpose_names, attempt.purpose));
  members.word<"cause">(name_of(attempt_cause_names, attempt.cause));
  members.text<"deployment">(attempt.deployment);
  members.text<"provider">(attempt.provider);
  members.text<"model">(attempt.model);
  members.text<"tier">(attempt.tier);
  members.status<"status">(attempt.status);
  members.text<"error">(attempt.error);
  members.time<"start_ms">(attempt.start_ms);
  members.time<"ttft_ms">(attempt.ttft_ms);
  members.time<"latency_ms">(attempt.latency_ms);
  members.open<"tokens">();
  out += '{';
  append_tokens(out, attempt.tokens);
  out += '}';
  members.word<"usage_source">(name_of(usage_source_names, attempt.usage_source));
  members.money<"cost_nano_usd">(attempt.cost_nano_usd);
  members.word<"end">(name_of(attempt_end_names, attempt.end));
  if (attempt.verdict.empty()) return;
  members.score<"score">(attempt.score);
  members.text<"verdict">(attempt.verdict);
}

void append_signals(std::string& out, const Signals& signals) {
  Members members(out);
  if (signals.refusal) members.boolean<"refusal">(*signals.refusal);
  if (signals.hedging) members.boolean<"hedging">(*signals.hedging);
  if (signals.truncated) members.boolean<"truncated">(*signals.truncated);
  if (signals.schema_failure) members.boolean<"schema_failure">(*signals.schema_failure);
}

void append_half(std::string& out, const PairHalf& half, bool content) {
  if (half.deployment.empty()) {
    out += "null";
    return;
  }
  out += '{';
  Members members(out);
  members.text<"deployment">(half.deployment);
  members.text<"tier">(half.tier);
  members.score<"score">(half.score);
  members.money<"cost_nano_usd">(half.cost_nano_usd);
  if (!half.answer.empty() && content) members.text<"answer">(half.answer);
  out += '}';
}

void append_pair(std::string& out, const PairRecord& pair, bool content) {
  out += '{';
  Members members(out);
  members.word<"kind">(name_of(pair_kind_names, pair.kind));
  members.open<"cheap">();
  append_half(out, pair.cheap, content);
  members.open<"strong">();
  append_half(out, pair.strong, content);
  members.score<"margin">(pair.margin);
  members.text<"picked">(pair.picked);
  members.text<"given">(pair.given);
  members.text<"reason">(pair.reason);
  out += '}';
}

}  // namespace

void append_record(std::string& out, const LedgerRecord& record, bool content) {
  out += '{';
  Members members(out);
  members.number<"v">(record_version);
  members.text<"id">(record.id);
  members.number<"time_unix_ms">(record.time_unix_ms);
  members.text<"key">(record.key);
  members.text<"route">(record.route);
  members.text<"config_version">(record.config_version);
  members.text<"price_version">(record.price_version);
  members.text<"model_requested">(record.model_requested);
  members.text<"path">(record.path);
  members.open<"chain">();
  append_list(out, record.chain, append_router);
  members.text<"tier">(record.tier);
  members.text<"class">(record.task_class);
  members.open<"attempts">();
  append_list(out, record.attempts, append_attempt);
  members.word<"outcome">(name_of(outcome_names, record.outcome));
  members.text<"error">(record.error);
  members.status<"status">(record.status);
  members.text<"finish_reason">(record.finish_reason);
  members.boolean<"streamed">(record.streamed);
  members.boolean<"cancelled">(record.cancelled);
  members.time<"latency_ms">(record.latency_ms);
  members.time<"ttft_ms">(record.ttft_ms);
  members.number<"overhead_us">(record.overhead_us);
  members.money<"cost_nano_usd">(record.cost_nano_usd);
  members.money<"frontier_cost_nano_usd">(record.frontier_cost_nano_usd);
  members.text<"experiment">({});
  members.open<"signals">();
  out += '{';
  append_signals(out, record.signals);
  out += '}';
  if (record.pair != nullptr) {
    members.open<"pair">();
    append_pair(out, *record.pair, content);
  }
  if (!record.shadow_of.empty()) members.text<"shadow_of">(record.shadow_of);
  if (record.content.empty()) return;
  members.text<"content">(content ? record.content : "omitted");
  if (!content) return;
  members.text<"prompt">(record.prompt);
  members.text<"answer">(record.answer);
}

}  // namespace triage::ledger
