#include "options/report.hpp"

#include <algorithm>

namespace triage::options {

namespace {

// Names in a message may be anything: this keeps line breaks and terminal sequences out.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

}  // namespace

std::size_t Report::add_file(std::string name) {
  files_.push_back(std::move(name));
  return files_.size() - 1;
}

void Report::error(const Place& place, std::string message, std::string fix) {
  add(place, Diagnostic::error, std::move(message), std::move(fix));
}

void Report::warning(const Place& place, std::string message, std::string fix) {
  add(place, Diagnostic::warning, std::move(message), std::move(fix));
}

void Report::add(const Place& place, Diagnostic::Severity severity, std::string message, std::string fix) {
  message = printable(std::move(message));
  for (const Entry& entry : entries_)
    if (entry.place == place && entry.diagnostic.message == message) return;
  errors_ += severity == Diagnostic::error;
  if (entries_.size() >= 10 * diagnostics_max) return;  // a bound on garbage
  entries_.push_back(
      {place, {files_[place.file], place.line, place.column, severity, std::move(message), printable(std::move(fix))}});
}

void Report::add_news(const Report& other, const std::string& theirs, const std::string& ours) {
  const std::vector<Entry> known = entries_;
  for (const Entry& entry : other.entries_) {
    const Diagnostic& said = entry.diagnostic;
    std::string as_ours = said.message;
    for (std::size_t at = as_ours.find(theirs); at != std::string::npos; at = as_ours.find(theirs, at + ours.size()))
      as_ours.replace(at, theirs.size(), ours);
    const auto says_it = [&](const Entry& each) { return each.diagnostic.message == as_ours; };
    if (std::any_of(known.begin(), known.end(), says_it)) continue;
    add(entry.place, said.severity, said.message, said.fix);
  }
}

std::string Report::name(const Place& place) const {
  return files_[place.file] + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.place < b.place; });
  std::vector<Diagnostic> out;
  for (Entry& entry : entries_) out.push_back(std::move(entry.diagnostic));
  if (out.size() > diagnostics_max) {
    const auto cut = out.begin() + diagnostics_max;
    Diagnostic rest = *cut;
    rest.severity = has_errors() ? Diagnostic::error : Diagnostic::warning;  // truncation never makes a bad config good
    rest.message = "and " + std::to_string(out.size() - diagnostics_max) + " more from here on";
    rest.fix = "mend the ones above first";
    out.erase(cut, out.end());
    out.push_back(std::move(rest));
  }
  entries_.clear();
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  out += printable(std::string(text.substr(0, 60)));
  while (text.size() > 60 && (static_cast<unsigned char>(out.back()) & 0x80)) out.pop_back();  // not half a character
  return out + (text.size() > 60 ? "...'" : "'");
}

}  // namespace triage::options

namespace triage {

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
  out += diagnostic.severity == Diagnostic::error ? ": error: " : ": warning: ";
  out += diagnostic.message;
  if (!diagnostic.fix.empty()) out += "\n  " + diagnostic.fix;
  return out;
}

}  // namespace triage
