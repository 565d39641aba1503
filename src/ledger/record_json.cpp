#include "ledger/record_json.hpp"

#include "json/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

// Written on the event loop, once a request: no stream, no DOM, no locale. Times have three decimals at most, so that a
// microsecond is the smallest step; trailing zeros go, one decimal stays: 0.4, 210.0.

namespace triage::ledger {
namespace {

/// A member's name as it is written, `,"name":`, in room for the longest: copied as a whole.
struct Name {
  char text[32]{};
  std::size_t size = 0;
  template <std::size_t count>
  consteval Name(const char (&name)[count]) : size(count + 3) {  // NOLINT: implicit, to be written as a plain literal
    text[1] = '"';
    for (std::size_t i = 0; i + 1 < count; ++i) text[i + 2] = name[i];
    text[count + 1] = '"';
    text[count + 2] = ':';
  }
};

/// An object, from the first member to the end(). What writes the values is not inlined: sixty members would be six
/// kilobytes of code that a request finds in no cache.
class Members {
 public:
  explicit Members(Buffer& out) : out_(out) {}

  void end() { out_.append(before_ == '{' ? "{}" : "}"); }

  template <Name name>
  void number(std::int64_t value) {
    write(name, value);
  }
  /// 0 is null.
  template <Name name>
  void status(int value) {
    value == 0 ? write(name) : write(name, value);
  }
  template <Name name>
  void money(const std::optional<std::int64_t>& value) {
    value ? write(name, *value) : write(name);
  }
  template <Name name>
  void time(const std::optional<double>& value) {
    value ? write_time(name, *value) : write(name);
  }
  template <Name name>
  void score(const std::optional<double>& value) {
    value ? write_score(name, *value) : write(name);
  }
  template <Name name>
  void boolean(bool value) {
    close(copy(open(name), value ? "true" : "false"));
  }
  /// "" is null.
  template <Name name>
  void text(std::string_view value) {
    write_text(name, value);
  }
  /// The value follows from elsewhere.
  template <Name name>
  void value() {
    close(open(name));
  }

 private:
  static constexpr std::size_t value_most = 32;  // but for texts

  /// Returns where the value is to be written.
  char* open(const Name& name) {
    out_.make_room(sizeof name.text + value_most);
    char* const at = out_.tail();
    std::memcpy(at, name.text, sizeof name.text);
    *at = std::exchange(before_, ',');
    return at + name.size;
  }
  void close(const char* end) { out_.commit(static_cast<std::size_t>(end - out_.tail())); }

  [[gnu::noinline]] void write(const Name& name) { close(copy(open(name), "null")); }
  [[gnu::noinline]] void write(const Name& name, std::int64_t value) { close(spell(open(name), value)); }
  [[gnu::noinline]] void write_time(const Name& name, double ms) {
    constexpr double limit = 1e15;
    if (!(std::abs(ms) < limit)) return write(name);
    char* at = open(name);
    const auto us = static_cast<std::int64_t>(std::abs(ms) * 1000 + 0.5);
    if (ms < 0 && us != 0) *at++ = '-';
    at = spell(at, us / 1000);
    const auto digit = [&](std::int64_t unit) { *at++ = static_cast<char>('0' + us / unit % 10); };
    *at++ = '.';
    digit(100);
    if (us % 100 != 0) digit(10);
    if (us % 10 != 0) digit(1);
    close(at);
  }
  [[gnu::noinline]] void write_score(const Name& name, double value) {
    if (!std::isfinite(value)) return write(name);
    char* const at = open(name);
    close(std::to_chars(at, at + value_most, value).ptr);
  }
  [[gnu::noinline]] void write_text(const Name& name, std::string_view value) {
    if (value.empty()) return write(name);
    close(open(name));
    append_json_string(out_, value);
  }

  static char* copy(char* at, std::string_view text) { return std::copy_n(text.data(), text.size(), at); }
  static char* spell(char* at, std::int64_t value) { return std::to_chars(at, at + value_most, value).ptr; }

  Buffer& out_;
  char before_ = '{';
};

template <class Names, class E>
std::string_view name_of(const Names& names, E value) {
  return names[static_cast<std::size_t>(value)];
}

template <class Item>
void append_list(Buffer& out, const std::vector<Item>& items, void (*write)(Buffer&, const Item&)) {
  out.append("[");
  for (const Item& item : items) {
    if (&item != items.data()) out.append(",");
    write(out, item);
  }
  out.append("]");
}

void append_router(Buffer& out, const ChainRecord& said) {
  Members members(out);
  members.text<"router">(said.router);
  members.text<"tier">(said.tier);
  members.score<"score">(said.score);
  members.text<"reason">(said.reason);
  members.end();
}

void append_tokens(Buffer& out, const Usage& tokens) {
  Members members(out);
  members.number<"input">(tokens.input);
  members.number<"input_cached">(tokens.input_cached);
  members.number<"cache_write">(tokens.cache_write);
  members.number<"output">(tokens.output);
  members.number<"reasoning">(tokens.reasoning);
  members.number<"input_audio">(tokens.input_audio);
  members.number<"output_audio">(tokens.output_audio);
  members.end();
}

void append_attempt(Buffer& out, const AttemptRecord& attempt) {
  Members members(out);
  members.text<"purpose">(name_of(purpose_names, attempt.purpose));
  members.text<"cause">(name_of(attempt_cause_names, attempt.cause));
  members.text<"deployment">(attempt.deployment);
  members.text<"provider">(attempt.provider);
  members.text<"model">(attempt.model);
  members.text<"tier">(attempt.tier);
  members.status<"status">(attempt.status);
  members.text<"error">(attempt.error);
  members.time<"start_ms">(attempt.start_ms);
  members.time<"ttft_ms">(attempt.ttft_ms);
  members.time<"latency_ms">(attempt.latency_ms);
  members.value<"tokens">();
  append_tokens(out, attempt.tokens);
  members.text<"usage_source">(name_of(usage_source_names, attempt.usage_source));
  members.money<"cost_nano_usd">(attempt.cost_nano_usd);
  members.text<"end">(name_of(attempt_end_names, attempt.end));
  if (!attempt.verdict.empty()) {
    members.score<"score">(attempt.score);
    members.text<"verdict">(attempt.verdict);
  }
  members.end();
}

void append_signals(Buffer& out, const Signals& signals) {
  Members members(out);
  if (signals.refusal) members.boolean<"refusal">(*signals.refusal);
  if (signals.hedging) members.boolean<"hedging">(*signals.hedging);
  if (signals.truncated) members.boolean<"truncated">(*signals.truncated);
  if (signals.schema_failure) members.boolean<"schema_failure">(*signals.schema_failure);
  members.end();
}

void append_half(Buffer& out, const PairHalf& half, bool content) {
  if (half.deployment.empty()) {
    out.append("null");
    return;
  }
  Members members(out);
  members.text<"deployment">(half.deployment);
  members.text<"tier">(half.tier);
  members.score<"score">(half.score);
  members.money<"cost_nano_usd">(half.cost_nano_usd);
  if (!half.answer.empty() && content) members.text<"answer">(half.answer);
  members.end();
}

void append_pair(Buffer& out, const PairRecord& pair, bool content) {
  Members members(out);
  members.text<"kind">(name_of(pair_kind_names, pair.kind));
  members.value<"cheap">();
  append_half(out, pair.cheap, content);
  members.value<"strong">();
  append_half(out, pair.strong, content);
  members.score<"margin">(pair.margin);
  members.text<"picked">(pair.picked);
  members.text<"given">(pair.given);
  members.text<"reason">(pair.reason);
  members.end();
}

}  // namespace

void append_record(Buffer& out, const LedgerRecord& record, bool content) {
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
  members.value<"chain">();
  append_list(out, record.chain, append_router);
  members.text<"tier">(record.tier);
  members.text<"class">(record.task_class);
  members.value<"attempts">();
  append_list(out, record.attempts, append_attempt);
  members.text<"outcome">(name_of(outcome_names, record.outcome));
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
  members.value<"signals">();
  append_signals(out, record.signals);
  if (record.pair != nullptr) {
    members.value<"pair">();
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
