// The keys of what is written down: the log, the ledger, and what it keeps of texts.
#include "config/describe.hpp"
#include "options/type_of.hpp"

namespace triage {

using options::Describer;
using options::gib;
using options::kib;
using options::mib;
using options::million;

void describe(Describer& v, LogSpec& s) {
  v.field({.name = "format", .text = "`json`: an object a line"}, s.format);
  v.field({.name = "requests_per_second",
           .text = "lines about requests that ended well; what is beyond it is counted, not logged. 0: none",
           .most = million},
          s.requests_per_second);
  v.field({.name = "errors_per_second",
           .text = "the same about requests that did not, and about attempts that failed",
           .most = million},
          s.errors_per_second);
}

void describe(Describer& v, OtlpSpec& s) {
  v.field({.name = "endpoint", .text = "of the collector: what comes before /v1/traces and /v1/metrics"}, s.endpoint);
  v.field({.name = "headers",
           .text = "added to every export; values are kept secret",
           .check = check_field_value,
           .check_key = check_field_name,
           .entry = "header"},
          s.headers);
  v.field({.name = "ca_file",
           .text = "PEM bundle to trust instead of the system's",
           .shown_default = "the system's",
           .check = check_filled},
          s.ca_file);
  v.field({.name = "service_name", .text = "`service.name` of what is sent", .check = check_filled}, s.service_name);
  v.field({.name = "traces", .text = "send a trace of each request"}, s.traces);
  v.field({.name = "metrics", .text = "send the durations of calls and their tokens"}, s.metrics);
  v.field({.name = "sample",
           .text = "share of the traces that are sent, where no client has begun them; a client's own are sent if it "
                   "says that they are sampled",
           .most = 1},
          s.sample);
  v.field({.name = "queue",
           .text = "requests that may wait to be sent; more are dropped, which `triage_otlp_dropped_total` counts",
           .least = 1,
           .most = million},
          s.queue);
  v.field({.name = "batch", .text = "requests in one export", .least = 1, .most = 10'000}, s.batch);
  v.field({.name = "every", .text = "how long a request waits for others at most", .least = 100}, s.every);
  v.field({.name = "metrics_every", .text = "how often metrics are sent", .least = 100}, s.metrics_every);
  v.field({.name = "timeout", .text = "of one export", .least = 100}, s.timeout);
}

void describe(Describer& v, LedgerSpec& s) {
  v.field({.name = "dir",
           .text = "directory of the ledger's files; made if it is not there",
           .required = true,
           .check = check_filled},
          s.dir);
  v.field(
      {.name = "sync",
       .text = "what a power cut may take: `os` what the system had not written yet, `interval` the last `sync_every`, "
               "`each` nothing that was answered (answers wait for the disk)"},
      s.sync);
  v.field({.name = "sync_every", .text = "how often the journal is synced", .least = 10}, s.sync_every);
  v.field({.name = "retain", .text = "older records are removed", .least = 60'000}, s.retain);
  v.field({.name = "retain_bytes", .text = "the oldest records are removed while the journal is larger", .least = mib},
          s.retain_bytes);
  v.field({.name = "spool",
           .text = "records that wait for the journal, and all that a full disk lets be kept; beyond it they are "
                   "dropped and counted",
           .least = 64 * kib,
           .most = gib},
          s.spool);
  v.field({.name = "segment", .text = "size of one file of the journal", .least = 64 * kib, .most = 4 * gib},
          s.segment);
}

void describe(Describer& v, RecordSpec& s) {
  v.field({.name = "content",
           .text = "`off`; `hashed`: by `key`, so that equal texts can be found; `redacted`: without e-mail addresses, "
                   "telephone and card numbers, keys and `patterns`; `full`"},
          s.content);
  v.field({.name = "text_max",
           .formerly = "most",
           .text = "bytes of a prompt and of an answer; what is beyond them is cut off",
           .least = 64,
           .most = mib},
          s.text_max);
  v.field({.name = "patterns", .text = "RE2 expressions; what they match is `[redacted]`", .check = check_regex},
          s.patterns);
  v.field({.name = "key",
           .text = "secret of the hashes, at least 16 bytes; with another one, equal texts have other hashes",
           .shown_default = "none: needed for `hashed`"},
          s.key);
}

}  // namespace triage
