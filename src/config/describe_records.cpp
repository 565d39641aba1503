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
