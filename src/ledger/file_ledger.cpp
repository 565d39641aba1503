#include "ledger/file_ledger.hpp"

#include "ledger/fields.hpp"
#include "ledger/record_json.hpp"
#include "ledger/sqlite_projection.hpp"

#include <boost/asio/async_result.hpp>

namespace triage::ledger {
namespace {

constexpr const char* dropped_name = "triage_ledger_dropped_total";
constexpr const char* dropped_text = "Records that were not kept.";
constexpr std::size_t body_kept = 256 * 1024;  // of memory, per thread

template <class... E>
std::array<Counter*, sizeof...(E)> event_counters(Metrics& metrics, const std::variant<E...>*) {
  return {&metrics.counter("triage_ledger_events_total", "Events that were kept, beside the records of requests.",
                           {{"kind", std::string(kind_of<E>)}})...};
}

}  // namespace

FileLedger::FileLedger(const LedgerSpec& spec, Metrics& metrics, Options options)
    : syncs_each_(spec.sync == LedgerSync::each),
      kept_(metrics.counter("triage_ledger_records_total", "Records that were kept.")),
      kept_events_(event_counters(metrics, static_cast<const LedgerEvent*>(nullptr))),
      dropped_full_(metrics.counter(dropped_name, dropped_text, {{"reason", "full"}})),
      dropped_long_(metrics.counter(dropped_name, dropped_text, {{"reason", "too_long"}})),
      omitted_(metrics.counter("triage_ledger_content_omitted_total",
                               "Records whose prompt and answer were left out: too long for the spool.")),
      writer_(spec, metrics),
      projector_(spec, metrics, sqlite_target(spec.dir), options.batch_lines,
                 [this] { return writer_.holds_folder(); }) {}

FileLedger::~FileLedger() {
  stop(std::chrono::milliseconds(0));
}

void FileLedger::start() {
  writer_.start();
  projector_.start();
}

void FileLedger::hand_over() {
  writer_.hand_over([this] { projector_.stop(std::chrono::milliseconds(0)); });
}

void FileLedger::stop(std::chrono::milliseconds patience) {
  writer_.stop();
  projector_.stop(patience);
}

void FileLedger::keep(const LedgerRecord& record) {
  thread_local Buffer body;
  body.clear();
  const std::size_t longest = writer_.intake().longest();
  const std::size_t pair =
      record.pair != nullptr ? record.pair->cheap.answer.size() + record.pair->strong.answer.size() : 0;
  const bool content = record.prompt.size() + record.answer.size() + pair <= longest;
  append_record(body, record, content);
  const bool cut = body.size() > longest && content && !record.content.empty();
  if (cut) {
    body.clear();
    append_record(body, record, false);
  }
  if (cut || (!content && !record.content.empty())) omitted_.add();
  take(body, kept_);
}

bool FileLedger::keep(const LedgerEvent& event) {
  thread_local Buffer body;
  body.clear();
  append_event(body, event);
  return take(body, *kept_events_[event.index()]);
}

bool FileLedger::take(Buffer& body, Counter& kept) {
  const Intake::Taken taken = writer_.intake().take(body.view());
  if (taken.taken)
    kept.add();
  else
    (body.size() > writer_.intake().longest() ? dropped_long_ : dropped_full_).add();
  if (taken.filling) writer_.hurry();
  if (body.capacity() > body_kept) body = Buffer();
  return taken.taken;
}

Async<void> FileLedger::synced() {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
      [this](Resume resume) { writer_.when_synced(std::move(resume)); }, use_async);
}

}  // namespace triage::ledger
