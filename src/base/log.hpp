#pragma once
// The gateway's log, on stderr, one line per event. Only this module includes spdlog, whose header is slow to compile.
// A thread of its own writes, so nobody waits for a slow reader of stderr: lines that pile up are dropped, the oldest
// first. Control characters are escaped. Never pass secrets or any of a request's content to these functions.

#include <cstdint>
#include <string>
#include <string_view>

namespace triage::log {

enum class Format : std::uint8_t {
  text,  ///< TIME LEVEL MESSAGE, or TIME LEVEL EVENT name=value name="a value" ...
  json   ///< {"time":...,"level":...,"message":...}, or {"time":...,"level":...,"event":...,"name":value,...}
};

/// Sets the format of all later lines. Until the first call it is text.
void use(Format format);

void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

/// One line: what happened, as a word, and named values in the order in which they were added.
class Fields {
 public:
  explicit Fields(std::string_view event);
  Fields& add(std::string_view name, std::string_view value);
  Fields& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  Fields& add(std::string_view name, std::int64_t value);
  Fields& add(std::string_view name, double value);  ///< with three decimals
  Fields& add(std::string_view name, bool value);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  Fields& add_plain(std::string_view name, std::string_view value);
  void begin(std::string_view name);
  std::string text_;
  Format format_ = format();
  static Format format() noexcept;
};
void info(const Fields& fields);
void warn(const Fields& fields);

/// The number of lines dropped so far because stderr did not take them.
std::uint64_t dropped();

/// Writes the waiting lines and stops: later ones are lost. For the end of the process; std::exit() calls it.
void finish();

}  // namespace triage::log
