// What a route records of texts: what that requires, and what would be useless.
#include "config/check.hpp"
#include "options/values.hpp"

namespace triage::config {
namespace {

constexpr std::size_t key_bytes_least = 16;

}  // namespace

void Checker::check_record(const RouteSpec& route) {
  const Path path = path_of(route) / "record";
  const RecordSpec& record = route.record;
  if (!origins_.find(path) || !origins_.intact(path / "content")) return;
  const std::size_t key_bytes = record.key.reveal().size();
  if (record.content == RecordContent::hashed && key_bytes == 0)
    error(path / "content", to_string(path) + " hashes texts, and has no key",
          "add 'key: ${RECORD_KEY}', of at least 16 random bytes");
  else if (key_bytes > 0 && key_bytes < key_bytes_least)
    error(path / "key", to_string(path / "key") + " is shorter than 16 bytes: it could be guessed",
          "make one: openssl rand -hex 32");
  const auto useless = [&](const char* name, bool set, const char* use) {
    if (set && origins_.find(path / name))
      warning(path / name, to_string(path / name) + " has no effect: 'content' is " + in_quotes(word(record.content)),
              std::string("say 'content: ") + use + "', or leave it out");
  };
  useless("patterns", !record.patterns.empty() && record.content != RecordContent::redacted, "redacted");
  useless("key", key_bytes > 0 && record.content != RecordContent::hashed, "hashed");
  if (record.content == RecordContent::off) return;
  if (!spec_.ledger && origins_.intact({"ledger"}))
    warning(path / "content", to_string(path / "content") + " has no effect: there is no 'ledger'",
            "add 'ledger: {dir: /var/lib/triage}'");
  // Escapes may double a text's size.
  if (record.content != RecordContent::hashed && spec_.ledger &&
      4 * record.text_max.bytes > spec_.ledger->spool.bytes / 8)
    warning(path,
            to_string(path) +
                ": long prompts and answers will be left out: a record has room for an eighth of "
                "ledger.spool",
            "lower 'text_max', or raise ledger.spool");
}

}  // namespace triage::config
