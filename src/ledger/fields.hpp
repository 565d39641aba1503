#pragma once
// The fields of the ledger, in one place. A new field is a line here and a member in include/triage: that puts it in
// the journal, in the database, in CSV and in docs/ledger.md (whose test prints the new table). Its `since` is the
// schema version that adds it: one more than the newest below, unless that has not been released yet.

#include "ledger/field.hpp"
#include "triage/event.hpp"
#include "triage/record.hpp"

namespace triage::ledger {

template <>
inline constexpr auto word_names<Outcome> = outcome_names;
template <>
inline constexpr auto word_names<Purpose> = purpose_names;
template <>
inline constexpr auto word_names<UsageSource> = usage_source_names;
template <>
inline constexpr auto word_names<AttemptEnd> = attempt_end_names;
template <>
inline constexpr auto word_names<AttemptCause> = attempt_cause_names;
template <>
inline constexpr auto word_names<PairKind> = pair_kind_names;
template <>
inline constexpr auto word_names<Thumb> = thumb_names;

/// The value of `content` when prompt and answer were too long to be kept.
inline constexpr std::string_view content_omitted = "omitted";

namespace field_detail {
inline bool filled(std::string_view text) noexcept {
  return !text.empty();
}
template <class T>
bool filled(const std::optional<T>& value) noexcept {
  return value.has_value();
}
template <class T>
bool filled(const T* value) noexcept {
  return value != nullptr;
}
template <auto pointer>
bool given(const typename Member<decltype(pointer)>::Owner& owner) noexcept {
  return filled(owner.*pointer);
}
template <auto pointer>
bool above_zero(const typename Member<decltype(pointer)>::Owner& owner) noexcept {
  return owner.*pointer > 0;
}
inline bool was_judged(const AttemptRecord& attempt) noexcept {
  return !attempt.verdict.empty();
}
/// Else `tokens` has nulls: neither what was used is known nor that it was nothing.
inline bool knows_tokens(const AttemptRecord& attempt) noexcept {
  return attempt.usage_source != UsageSource::none || attempt.cost_nano_usd;
}
inline bool in_trace(const LedgerRecord& record) noexcept {
  return !record.trace_id.empty();
}
inline bool has_content(const LedgerRecord& record) noexcept {
  return !record.content.empty() && record.content != content_omitted;
}
}  // namespace field_detail

/// A field that is left out of the JSON when it is null.
template <auto pointer,
          class How = decltype(field_detail::usual<Bare<typename field_detail::Member<decltype(pointer)>::Value>>())>
consteval auto rare(JsonName name, std::string_view text, int since = 1) {
  return field<pointer, How, &field_detail::given<pointer>>(name, text, since);
}

/// A count that is left out of the JSON where it is 0.
template <auto pointer>
consteval auto rare_count(JsonName name, std::string_view text, int since) {
  return field<pointer, as::Whole, &field_detail::above_zero<pointer>>(name, text, since);
}

/// Whether a struct is written as null.
template <class T>
bool is_nothing(const T&) noexcept {
  return false;
}
inline bool is_nothing(const PairHalf& half) noexcept {
  return half.deployment.empty();
}

template <>
inline constexpr auto fields<ChainRecord> = std::tuple{
    field<&ChainRecord::router>("router", "its kind"),
    field<&ChainRecord::tier>("tier", "that it picked; null: none"),
    field<&ChainRecord::score, as::Decimal>("score", "if it has one"),
    field<&ChainRecord::reason>("reason", "why"),
    rare<&ChainRecord::threshold, as::Decimal>("threshold", "that the score reached, or the lowest that it did not", 5),
    rare<&ChainRecord::model>("model", "the version of the model in the gateway that gave the score", 5),
};

template <>
inline constexpr auto fields<Usage> = std::tuple{
    field<&Usage::input>("input", "of the request, the next two and `input_audio` among them"),
    field<&Usage::input_cached>("input_cached", "of `input`: read from the provider's cache"),
    field<&Usage::cache_write>("cache_write", "of `input`: written to the provider's cache"),
    field<&Usage::output>("output", "of the answer, the next one and `output_audio` among them"),
    field<&Usage::reasoning>("reasoning", "of `output`: thought, not said"),
    field<&Usage::input_audio>("input_audio", "of `input`"),
    field<&Usage::output_audio>("output_audio", "of `output`"),
    rare_count<&Usage::cache_write_1h>("cache_write_1h", "of `cache_write`: to be kept for an hour; only if any", 5),
    rare_count<&Usage::citations>("citations", "of sources that the provider itself read; only if any", 5),
};

template <>
inline constexpr auto fields<AttemptRecord> = std::tuple{
    field<&AttemptRecord::purpose>("purpose", "`answer`, `verify`, `route`, `ensemble`, `shadow`, `judge` or `embed`"),
    field<&AttemptRecord::cause>("cause", "`first`, `retry`, `fallback`, `hedge`, `escalation` or `rescue`"),
    field<&AttemptRecord::deployment>("deployment",
                                      "that was asked; null: a call that passes through asked its provider for "
                                      "another model than its own, or for none that is known"),
    field<&AttemptRecord::provider>("provider", "that runs it"),
    field<&AttemptRecord::model>("model", "the provider's id of it, or what the client named; null: not known"),
    field<&AttemptRecord::tier>("tier", "null: the client named the deployment"),
    field<&AttemptRecord::status>("status", "of the provider's answer; null: none came"),
    field<&AttemptRecord::error>("error", "a code of [errors.md](errors.md)"),
    field<&AttemptRecord::start_ms, as::Ms>("start_ms", "since the request's first byte"),
    field<&AttemptRecord::ttft_ms, as::Ms>("ttft_ms", "from there to its first token"),
    field<&AttemptRecord::latency_ms, as::Ms>("latency_ms", "from there to its end"),
    field<&AttemptRecord::tokens, as::Columns>("tokens",
                                               "in the database each a column: `tokens_input`; each null: not known"),
    field<&AttemptRecord::usage_source>(
        "usage_source", "`reported`, `estimated` (all or some of the tokens), or `none`: nothing was billed"),
    rare<&AttemptRecord::searches>("searches", "of the web, that are billed; only if any", 5),
    rare<&AttemptRecord::service_tier_asked>("service_tier_asked", "the request's `service_tier`", 5),
    rare<&AttemptRecord::service_tier>("service_tier", "that served it, as the answer says, else as asked", 5),
    field<&AttemptRecord::cost_nano_usd>("cost_nano_usd", "null: its price is not known"),
    rare<&AttemptRecord::provider_cost_nano_usd>("provider_cost_nano_usd", "what the provider says that it costs", 5),
    rare<&AttemptRecord::cost_source>("cost_source",
                                      "`provider`: `cost_nano_usd` is what it says, because the price cannot tell", 5),
    field<&AttemptRecord::end>("end",
                               "`completed`, `failed`, `rejected` (by a verifier, or as no fit for a stream to be "
                               "[rescued](cascade.md#answers-that-break-off)), `truncated` or `cancelled`"),
    field<&AttemptRecord::score, as::Decimal, &field_detail::was_judged>(
        "score", "the verifier's, if it has one; only if it rejected the answer", 2),
    rare<&AttemptRecord::verdict>("verdict", "the verifier's reason; only if it rejected the answer", 2),
    rare<&AttemptRecord::dropped>(
        "dropped", "of the request: what its provider has no word for ([translation.md](translation.md)), with commas",
        6),
    rare<&AttemptRecord::provider_key>("provider_key", "the name of the key that it was called with, of several", 7),
};

template <>
inline constexpr auto fields<Signals> = std::tuple{
    rare<&Signals::refusal>("refusal", "it declines"),
    rare<&Signals::hedging>("hedging", "it is uncertain of what it says"),
    rare<&Signals::truncated>("truncated", "it was cut off"),
    rare<&Signals::schema_failure>("schema_failure", "it is not what the JSON schema asked for"),
    rare<&Signals::retry>("retry", "the same unit asked nearly the same shortly before", 6),
    rare<&Signals::turns>("turns", "user turns of the conversation, this one included", 6),
};

template <>
inline constexpr auto fields<ExperimentRecord> = std::tuple{
    field<&ExperimentRecord::name>("name", "its name"),
    field<&ExperimentRecord::version>("version", "changes with its configuration"),
    field<&ExperimentRecord::arm>("arm", "`control` or `treatment`"),
    field<&ExperimentRecord::unit>("unit", "who was assigned, hashed"),
    field<&ExperimentRecord::share, as::Decimal>("share", "of the treatment, in force at that time"),
};

template <>
inline constexpr auto fields<PairHalf> = std::tuple{
    field<&PairHalf::deployment>("deployment", "that gave it"),
    field<&PairHalf::tier>("tier", "that it belongs to"),
    field<&PairHalf::score, as::Decimal>("score", "the picker's"),
    field<&PairHalf::cost_nano_usd>("cost_nano_usd", "with the attempts that failed before it"),
    rare<&PairHalf::answer>("answer", "only if the route records content"),
};

template <>
inline constexpr auto fields<PairRecord> = std::tuple{
    field<&PairRecord::kind>("kind", "`ensemble` or `shadow`"),
    field<&PairRecord::cheap, as::Object>("cheap", "the answer of the cheap tier; null: none came"),
    field<&PairRecord::strong, as::Object>("strong", "the same of the strong one"),
    field<&PairRecord::margin, as::Decimal>("margin", "the strong answer's score less the cheap one's"),
    field<&PairRecord::picked>("picked", "`cheap` or `strong`; null: they were not compared"),
    field<&PairRecord::given>("given", "which of them the client got"),
    field<&PairRecord::reason>("reason", "of the pick, or why there was none"),
};

template <>
inline constexpr auto fields<LedgerRecord> = std::tuple{
    field<&LedgerRecord::id>("id", "the `x-request-id` of the answer"),
    rare<&LedgerRecord::completion_id>("completion_id",
                                       "the `id` in the answer's body, if it has one. Some providers give the same one "
                                       "to several answers",
                                       6),
    field<&LedgerRecord::time_unix_ms>("time_unix_ms", "when its first byte came"),
    field<&LedgerRecord::key>("key", "name of the gateway key"),
    field<&LedgerRecord::route>("route", "null: the client named a deployment, or it was refused before"),
    field<&LedgerRecord::config_version>("config_version", "the configuration in force"),
    field<&LedgerRecord::price_version>("price_version", "the price table in force"),
    field<&LedgerRecord::model_requested>("model_requested", "the client's `model`"),
    field<&LedgerRecord::path>("path", "that the client asked for"),
    field<&LedgerRecord::chain, as::List>("chain", "what each router said"),
    field<&LedgerRecord::tier>("tier", "that answered, or was asked last; without attempts the one that was picked"),
    field<&LedgerRecord::task_class>("class", "of the task, if a router named one"),
    field<&LedgerRecord::attempts, as::Rows>("attempts",
                                             "every call to a deployment, also those that failed, were overtaken or "
                                             "cut off: they are billed too"),
    field<&LedgerRecord::outcome>("outcome", "`ok`, `client_error`, `upstream_error`, `gateway_error` or `cancelled`"),
    field<&LedgerRecord::error>("error", "a code of [errors.md](errors.md)"),
    field<&LedgerRecord::status>("status", "that the client got"),
    field<&LedgerRecord::finish_reason>("finish_reason", "of the answer"),
    field<&LedgerRecord::streamed>("streamed", "whether the answer was a stream"),
    field<&LedgerRecord::cancelled>("cancelled", "the client left before the end"),
    field<&LedgerRecord::latency_ms, as::Ms>("latency_ms", "to the last byte of the answer"),
    field<&LedgerRecord::ttft_ms, as::Ms>("ttft_ms", "to its first token"),
    field<&LedgerRecord::overhead_us>("overhead_us", "the gateway's own part of the time, in microseconds"),
    field<&LedgerRecord::cost_nano_usd>("cost_nano_usd", "of all attempts"),
    field<&LedgerRecord::frontier_cost_nano_usd>("frontier_cost_nano_usd",
                                                 "had the answer come from the route's top tier"),
    field<&LedgerRecord::experiment, as::Object>("experiment", "what was assigned; null: outside of one"),
    field<&LedgerRecord::signals, as::Parsed>("signals",
                                              "what was seen of the answer's quality; one that was not looked for is "
                                              "not there"),
    rare<&LedgerRecord::pair, as::Object>("pair", "only if two tiers answered ([ensemble.md](ensemble.md))", 3),
    rare<&LedgerRecord::trace_id>("trace_id", "of the trace that it belongs to ([opentelemetry.md](opentelemetry.md))",
                                  7),
    rare<&LedgerRecord::trace_parent>("trace_parent", "the client's span; only if the client began the trace", 7),
    field<&LedgerRecord::trace_sampled, as::Flag, &field_detail::in_trace>("trace_sampled",
                                                                           "whether the trace is to be kept", 7),
    rare<&LedgerRecord::shadow_of>("shadow_of",
                                   "only in the record of a shadow: the `id` of the request it was compared with. It "
                                   "is no request itself: count with `shadow_of IS NULL`",
                                   3),
    rare<&LedgerRecord::content>("content",
                                 "only if the route [records content](#prompts-and-answers): how, or `omitted`"),
    field<&LedgerRecord::prompt, as::Text, &field_detail::has_content>("prompt", "likewise: the request's text"),
    field<&LedgerRecord::answer, as::Text, &field_detail::has_content>("answer", "likewise: the answer's text"),
};

template <>
inline constexpr auto fields<FeedbackEvent> = std::tuple{
    field<&FeedbackEvent::id>("id", "the request's, as in its record", 4),
    field<&FeedbackEvent::time_unix_ms>("time_unix_ms", "when it came", 4),
    field<&FeedbackEvent::key>("key", "name of the gateway key that it came with", 4),
    field<&FeedbackEvent::thumb>("thumb", "`up` or `down`", 4),
    field<&FeedbackEvent::score, as::Decimal>("score", "0 to 1, 1 is best", 4),
    field<&FeedbackEvent::task_completed>("task_completed", "whether the user got what he came for", 4),
    field<&FeedbackEvent::comment>("comment", "in words", 4),
    field<&FeedbackEvent::corrected>("corrected", "the answer that should have been given", 4),
    field<&FeedbackEvent::route>("route", "the request's", 6),
    field<&FeedbackEvent::experiment, as::Object>("experiment", "of the request, as in its record", 6),
};

template <>
inline constexpr auto fields<GradeEvent> = std::tuple{
    field<&GradeEvent::id>("id", "the request's, as in its record", 4),
    field<&GradeEvent::time_unix_ms>("time_unix_ms", "when it was given", 4),
    field<&GradeEvent::route>("route", "the request's", 4),
    field<&GradeEvent::grader>("grader", "who: a judge, a mechanical grader, a person", 4),
    field<&GradeEvent::version>("version", "of the rubric", 4),
    field<&GradeEvent::against>("against", "the deployment whose answer it was compared with", 4),
    field<&GradeEvent::score, as::Decimal>("score", "0 to 1, 1 is best; null: there was not enough to tell", 4),
    field<&GradeEvent::reason>("reason", "in words", 4),
    field<&GradeEvent::cost_nano_usd>("cost_nano_usd", "of the grade; null: its price is not known", 4),
    field<&GradeEvent::experiment, as::Object>("experiment", "of the request, as in its record", 6),
};

template <>
inline constexpr auto fields<ExperimentEvent> = std::tuple{
    field<&ExperimentEvent::name>("name", "of the experiment", 4),
    field<&ExperimentEvent::version>("version", "changes with its configuration", 4),
    field<&ExperimentEvent::time_unix_ms>("time_unix_ms", "when it was decided", 4),
    field<&ExperimentEvent::route>("route", "that it is on", 4),
    field<&ExperimentEvent::action>("action",
                                    "`start`, `wait`, `advance`, `hold`, `pause`, `promote`, `rollback`, `warn`, or "
                                    "`tick`: only the time is told ([experiments.md](experiments.md))",
                                    4),
    field<&ExperimentEvent::actor>("actor", "who decided; null: the experiment itself", 4),
    field<&ExperimentEvent::stage>("stage", "in force from now on, counted from 0", 4),
    field<&ExperimentEvent::share, as::Decimal>("share", "of the treatment, in force from now on", 4),
    field<&ExperimentEvent::reason>("reason", "in words", 4),
    field<&ExperimentEvent::figures, as::Json>("figures", "what it was decided by", 4),
};

/// The kinds of lines, as in `kind`; a request's line has none. A reader skips kinds that it does not know.
template <class T>
inline constexpr std::string_view kind_of = "";
template <>
inline constexpr std::string_view kind_of<LedgerRecord> = "request";
template <>
inline constexpr std::string_view kind_of<FeedbackEvent> = "feedback";
template <>
inline constexpr std::string_view kind_of<GradeEvent> = "grade";
template <>
inline constexpr std::string_view kind_of<ExperimentEvent> = "experiment";

/// The database's tables. A table's key is the line's `seq`, followed, if one line makes several rows, by the row's
/// index.
template <class T>
inline constexpr std::string_view table_of = "";
template <>
inline constexpr std::string_view table_of<LedgerRecord> = "requests";
template <>
inline constexpr std::string_view table_of<AttemptRecord> = "attempts";
template <>
inline constexpr std::string_view table_of<FeedbackEvent> = "feedback";
template <>
inline constexpr std::string_view table_of<GradeEvent> = "grades";
template <>
inline constexpr std::string_view table_of<ExperimentEvent> = "experiment_decisions";

template <class... T>
struct Types {
  /// Calls visit.template operator()<T>() for each.
  template <class Visit>
  static void each(Visit&& visit) {
    (visit.template operator()<T>(), ...);
  }
  template <template <class> class Wrap>
  using Tuple = std::tuple<Wrap<T>...>;
};
/// Everything that a line of the journal can be.
using Kinds = Types<LedgerRecord, FeedbackEvent, GradeEvent, ExperimentEvent>;
/// Everything that has a table in the database.
using Tables = Types<LedgerRecord, AttemptRecord, FeedbackEvent, GradeEvent, ExperimentEvent>;

}  // namespace triage::ledger
