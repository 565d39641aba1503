#pragma once
// A record as it is read back from its line. Written by whichever version of Triage: a member that is not there, or is
// of another kind than expected, is null; one that is not known is passed over.

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::ledger {

using Text = std::optional<std::string_view>;
using Integer = std::optional<std::int64_t>;
using Real = std::optional<double>;
using Flag = std::optional<bool>;

struct StoredAttempt {
  Text purpose, cause, deployment, provider, model, tier;
  Integer status;
  Text error;
  Real start_ms, ttft_ms, latency_ms;
  Integer tokens_input, tokens_input_cached, tokens_cache_write, tokens_output, tokens_reasoning, tokens_input_audio,
      tokens_output_audio;
  Text usage_source;
  Integer cost_nano_usd;
  Text end;
  Real score;
  Text verdict;
};

/// Views are valid as long as the line and the reader that made it, until that reads the next.
struct StoredRecord {
  Text id;
  Integer time_unix_ms;
  Text key, route, config_version, price_version, model_requested, path;
  Text chain;  ///< as JSON, as `experiment`, `signals` and `attempts_json`
  Text tier, task_class;
  Text attempts_json;
  std::vector<StoredAttempt> attempts;
  Text outcome, error;
  Integer status;
  Text finish_reason;
  Flag streamed, cancelled;
  Real latency_ms, ttft_ms;
  Integer overhead_us, cost_nano_usd, frontier_cost_nano_usd;
  Text experiment, signals;
  Flag refusal;  ///< signals.refusal
  Text content, prompt, answer;
  Text pair;  ///< as JSON
  Text shadow_of;
};

class RecordReader {
 public:
  /// `json` was checked by read_line(); body_padding readable bytes behind it. False: it is no JSON object all the
  /// same.
  bool read(std::string_view json, StoredRecord& out);

 private:
  friend class Fields;
  std::forward_list<std::string> unescaped_;
};

}  // namespace triage::ledger
