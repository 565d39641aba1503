#include "ledger/stored_record.hpp"

#include "json/json.hpp"

#include <charconv>

// Members are told apart by one chain of comparisons a record: some thirty short names, in the order in which they are
// written, so that a chain that starts where the last one hit finds the next at once.

namespace triage::ledger {
namespace {

using Kind = JsonReader::Kind;

}  // namespace

/// Takes single values out of a reader; what is not of the kind asked for is passed over.
class Fields {
 public:
  Fields(JsonReader& in, std::string_view json, RecordReader& owner) : in_(in), json_(json), owner_(owner) {}

  void take(Text& out) {
    JsonString string;
    if (in_.kind() != Kind::string) return skip();
    if (in_.string(string)) out = string.escaped ? unescaped(string) : string.raw;
  }
  void take(Integer& out) {
    std::int64_t value = 0;
    if (number(value)) out = value;
  }
  void take(Real& out) {
    double value = 0;
    if (number(value)) out = value;
  }
  void take(Flag& out) {
    bool value = false;
    if (in_.kind() != Kind::boolean) return skip();
    if (in_.boolean(value)) out = value;
  }
  /// The value's own JSON.
  void take_raw(Text& out, Kind wanted) {
    const bool is = in_.kind() == wanted;
    const std::size_t begin = in_.value_offset();
    if (in_.skip_unchecked() && is) out = since(begin);
  }
  [[nodiscard]] std::string_view since(std::size_t begin) const { return json_.substr(begin, in_.offset() - begin); }
  void skip() { in_.skip_unchecked(); }
  JsonReader& in() noexcept { return in_; }

 private:
  template <class T>
  bool number(T& value) {
    std::string_view spelled;
    if (in_.kind() != Kind::number) return skip(), false;
    if (!in_.number(spelled)) return false;
    const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    return error == std::errc{} && end == spelled.data() + spelled.size();
  }
  std::string_view unescaped(const JsonString& string) { return owner_.unescaped_.emplace_front(string.text()); }

  JsonReader& in_;
  std::string_view json_;
  RecordReader& owner_;
};

namespace {

// One member of a T: its name, and how its value is taken.
template <class T>
struct Member {
  std::string_view name;
  void (*take)(Fields&, T&);
};

template <auto member, class T>
void take_into(Fields& fields, T& out) {
  fields.take(out.*member);
}

void take_tokens(Fields& fields, StoredAttempt& out);
void take_attempts(Fields& fields, StoredRecord& out);
void take_signals(Fields& fields, StoredRecord& out);

using A = StoredAttempt;
constexpr Member<A> token_members[] = {
    {"input", take_into<&A::tokens_input>},
    {"input_cached", take_into<&A::tokens_input_cached>},
    {"cache_write", take_into<&A::tokens_cache_write>},
    {"output", take_into<&A::tokens_output>},
    {"reasoning", take_into<&A::tokens_reasoning>},
    {"input_audio", take_into<&A::tokens_input_audio>},
    {"output_audio", take_into<&A::tokens_output_audio>},
};
constexpr Member<A> attempt_members[] = {
    {"purpose", take_into<&A::purpose>},
    {"cause", take_into<&A::cause>},
    {"deployment", take_into<&A::deployment>},
    {"provider", take_into<&A::provider>},
    {"model", take_into<&A::model>},
    {"tier", take_into<&A::tier>},
    {"status", take_into<&A::status>},
    {"error", take_into<&A::error>},
    {"start_ms", take_into<&A::start_ms>},
    {"ttft_ms", take_into<&A::ttft_ms>},
    {"latency_ms", take_into<&A::latency_ms>},
    {"tokens", take_tokens},
    {"usage_source", take_into<&A::usage_source>},
    {"cost_nano_usd", take_into<&A::cost_nano_usd>},
    {"end", take_into<&A::end>},
    {"score", take_into<&A::score>},
    {"verdict", take_into<&A::verdict>},
};
using R = StoredRecord;
constexpr Member<R> signal_members[] = {{"refusal", take_into<&R::refusal>}};
constexpr Member<R> record_members[] = {
    {"id", take_into<&R::id>},
    {"time_unix_ms", take_into<&R::time_unix_ms>},
    {"key", take_into<&R::key>},
    {"route", take_into<&R::route>},
    {"config_version", take_into<&R::config_version>},
    {"price_version", take_into<&R::price_version>},
    {"model_requested", take_into<&R::model_requested>},
    {"path", take_into<&R::path>},
    {"chain", [](Fields& fields, R& out) { fields.take_raw(out.chain, Kind::array); }},
    {"tier", take_into<&R::tier>},
    {"class", take_into<&R::task_class>},
    {"attempts", take_attempts},
    {"outcome", take_into<&R::outcome>},
    {"error", take_into<&R::error>},
    {"status", take_into<&R::status>},
    {"finish_reason", take_into<&R::finish_reason>},
    {"streamed", take_into<&R::streamed>},
    {"cancelled", take_into<&R::cancelled>},
    {"latency_ms", take_into<&R::latency_ms>},
    {"ttft_ms", take_into<&R::ttft_ms>},
    {"overhead_us", take_into<&R::overhead_us>},
    {"cost_nano_usd", take_into<&R::cost_nano_usd>},
    {"frontier_cost_nano_usd", take_into<&R::frontier_cost_nano_usd>},
    {"experiment", [](Fields& fields, R& out) { fields.take_raw(out.experiment, Kind::object); }},
    {"signals", take_signals},
    {"pair", [](Fields& fields, R& out) { fields.take_raw(out.pair, Kind::object); }},
    {"shadow_of", take_into<&R::shadow_of>},
    {"content", take_into<&R::content>},
    {"prompt", take_into<&R::prompt>},
    {"answer", take_into<&R::answer>},
};

template <class T, std::size_t count>
void take_object(Fields& fields, T& out, const Member<T> (&members)[count]) {
  if (fields.in().kind() != Kind::object) return fields.skip();
  if (!fields.in().enter_object()) return;
  JsonString name;
  for (std::size_t likely = 0; fields.in().next_name(name);) {
    std::size_t tried = 0;
    while (tried < count && members[(likely + tried) % count].name != name.raw) ++tried;
    if (tried == count) {
      fields.skip();
      continue;
    }
    likely = (likely + tried) % count;
    members[likely].take(fields, out);
    ++likely;
  }
}

void take_tokens(Fields& fields, StoredAttempt& out) {
  take_object(fields, out, token_members);
}

void take_attempts(Fields& fields, StoredRecord& out) {
  if (fields.in().kind() != Kind::array) return fields.skip();
  const std::size_t begin = fields.in().value_offset();
  if (!fields.in().enter_array()) return;
  while (fields.in().next_element()) take_object(fields, out.attempts.emplace_back(), attempt_members);
  out.attempts_json = fields.since(begin);
}

void take_signals(Fields& fields, StoredRecord& out) {
  if (fields.in().kind() != Kind::object) return fields.skip();
  const std::size_t begin = fields.in().value_offset();
  take_object(fields, out, signal_members);
  out.signals = fields.since(begin);
}

}  // namespace

bool RecordReader::read(std::string_view json, StoredRecord& out) {
  unescaped_.clear();
  auto attempts = std::move(out.attempts);  // its memory
  attempts.clear();
  out = {};
  out.attempts = std::move(attempts);
  JsonReader in(json);
  Fields fields(in, json, *this);
  if (in.kind() != Kind::object) return false;
  take_object(fields, out, record_members);
  return in.finish();
}

}  // namespace triage::ledger
