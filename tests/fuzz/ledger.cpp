// A journal with any bytes between two whole lines: both are found, nothing is read that has no right checksum, and any
// bytes with a right checksum are read as a record, or not, safely.

#include "fuzz_check.hpp"
#include "ledger/histogram.hpp"
#include "ledger/line.hpp"
#include "ledger/rollup.hpp"
#include "ledger/stored_record.hpp"
#include "support/padded.hpp"

#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

using namespace triage::ledger;

std::vector<std::uint64_t> seqs_of(std::string_view text, bool last) {
  std::vector<std::uint64_t> seqs;
  LineScanner scanner(text, last);
  for (Line line; scanner.next(line);) {
    check(read_line(line.json).has_value(), "what is returned is a whole line");
    seqs.push_back(line.seq);
    check(scanner.offset() <= text.size(), "no more is consumed than there is");
  }
  if (last) check(scanner.offset() == text.size(), "in the end all is consumed");
  return seqs;
}

void scan(std::string_view bytes) {
  constexpr std::uint64_t before = 18'000'000'000'000'000'001U;
  constexpr std::uint64_t after = before + 1;
  std::string text;
  append_line(text, R"({"v":1,"id":"before")", before);
  text += bytes;
  text += '\n';
  append_line(text, R"({"v":1,"id":"after")", after);
  const auto seqs = seqs_of(text, true);
  check(!seqs.empty() && seqs.front() == before && seqs.back() == after, "the lines around are found");
  check(seqs_of(text, false) == seqs, "all lines are whole");
  seqs_of(bytes, false);
  seqs_of(bytes, true);
}

void read(std::string_view bytes) {
  const test::Padded padded(bytes);
  RecordReader reader;
  StoredRecord record;
  if (!reader.read(padded.view(), record)) return;
  Rollups rollups;
  rollups.add(record, Rollups::minute_s);
  check(rollups.size() <= record.get<&LedgerRecord::attempts>().rows.size() + 1, "a request and its attempts");
}

void decode(std::string_view bytes) {
  LogHistogram histogram;
  if (!histogram.add_encoded(bytes)) return;
  LogHistogram again;
  check(again.add_encoded(histogram.encode()) && again.encode() == histogram.encode(),
        "a histogram is read as written");
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = triage::fuzz::as_text(data, size);
  triage::fuzz::scan(bytes);
  triage::fuzz::read(bytes);
  triage::fuzz::decode(bytes);
  return 0;
}
