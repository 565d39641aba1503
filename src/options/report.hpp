#pragma once
// Places in the configuration's files, and what there is to say about them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// One message to the author of the file.
struct Diagnostic {
  enum Severity : std::uint8_t { error, warning };

  std::string file;
  int line = 1;    ///< from 1
  int column = 1;  ///< from 1, in bytes
  Severity severity = error;
  std::string message;
  std::string fix;  ///< one line
};

/// "FILE:LINE:COL: error: MESSAGE\n  FIX"
std::string to_string(const Diagnostic& diagnostic);

}  // namespace triage

namespace triage::options {

/// A place in one of a Report's files.
struct Place {
  std::size_t file = 0;
  int line = 1;
  int column = 1;
  auto operator<=>(const Place&) const = default;
};

/// Collects diagnostics. Duplicates count once (an alias makes the reader read a node twice).
class Report {
 public:
  static constexpr std::size_t diagnostics_max = 100;

  Report() = default;
  /// About files that another report knows.
  explicit Report(std::vector<std::string> files) : files_(std::move(files)) {}

  /// Adds a file and returns its index, for Place.
  std::size_t add_file(std::string name);
  [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }

  void error(const Place& place, std::string message, std::string fix);
  void warning(const Place& place, std::string message, std::string fix);

  /// Adds what `other`, a report about the same files, says, except for what is said here already with `ours` in the
  /// place of `theirs`.
  void add_news(const Report& other, const std::string& theirs, const std::string& ours);

  /// "FILE:LINE:COL"
  [[nodiscard]] std::string name(const Place& place) const;

  [[nodiscard]] bool has_errors() const noexcept { return errors_ > 0; }

  /// Returns all diagnostics by place, errors and warnings mixed; after diagnostics_max a last one counts the rest.
  [[nodiscard]] std::vector<Diagnostic> take();

 private:
  struct Entry {
    Place place;
    Diagnostic diagnostic;
  };
  void add(const Place& place, Diagnostic::Severity severity, std::string message, std::string fix);

  std::vector<std::string> files_;
  std::vector<Entry> entries_;
  std::size_t errors_ = 0;
};

/// A text of the config as a message may show it: in quotes, with control characters as '?', cut after 60 characters.
std::string in_quotes(std::string_view text);

}  // namespace triage::options
