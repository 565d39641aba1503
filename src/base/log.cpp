#include "base/log.hpp"

#include "base/ascii.hpp"
#include "base/escaped.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace triage::log {
namespace {

constexpr std::size_t waiting_lines = 1024;

constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})";

std::atomic<Format> format_in_use{Format::text};

struct Output {
  std::shared_ptr<spdlog::details::thread_pool> thread;
  std::shared_ptr<spdlog::async_logger> logger;
};

// Never destroyed: other threads may log while the process ends.
Output& output() {
  static Output* const instance = [] {
    auto* made = new Output;
    made->thread = std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1);
    made->logger = std::make_shared<spdlog::async_logger>("triage", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                          made->thread, spdlog::async_overflow_policy::overrun_oldest);
    made->logger->set_pattern(text_pattern);
    made->logger->set_error_handler([](const std::string&) {});
    std::atexit(finish);
    std::at_quick_exit(finish);
    return made;
  }();
  return *instance;
}

void put(spdlog::level::level_enum level, const std::string& line) noexcept {
  try {
    output().logger->log(level, spdlog::string_view_t(line.data(), line.size()));
  } catch (const std::exception&) {  // after finish()
    return;
  }
}

void write(spdlog::level::level_enum level, std::string_view message) {
  std::string line;
  const bool json = format_in_use.load(std::memory_order_relaxed) == Format::json;
  if (json) line = R"("message":")";
  append_escaped(line, message, json);
  if (json) line += '"';
  put(level, line);
}

bool plain(std::string_view value) noexcept {
  for (const char c : value) {
    if (!is_alphanumeric(c) && std::string_view("-_.:/@+*").find(c) == std::string_view::npos) return false;
  }
  return !value.empty();
}

}  // namespace

void use(Format format) {
  if (format_in_use.exchange(format) == format) return;
  output().logger->set_pattern(format == Format::json ? json_pattern : text_pattern);
}

void info(std::string_view message) {
  write(spdlog::level::info, message);
}
void warn(std::string_view message) {
  write(spdlog::level::warn, message);
}
void error(std::string_view message) {
  write(spdlog::level::err, message);
}

void info(const Fields& fields) {
  put(spdlog::level::info, fields.text());
}
void warn(const Fields& fields) {
  put(spdlog::level::warn, fields.text());
}

std::uint64_t dropped() {
  const auto thread = output().thread;
  return thread ? thread->overrun_counter() : 0;
}

void finish() {
  output().thread.reset();  // its destructor writes the waiting lines
}

Format Fields::format() noexcept {
  return format_in_use.load(std::memory_order_relaxed);
}

Fields::Fields(std::string_view event) {
  if (format_ == Format::text)
    text_ = event;
  else
    add("event", event);
}

void Fields::begin(std::string_view name) {
  const bool json = format_ == Format::json;
  if (!text_.empty()) text_ += json ? ',' : ' ';
  if (json) text_ += '"';
  text_ += name;
  text_ += json ? "\":" : "=";
}

Fields& Fields::add_plain(std::string_view name, std::string_view value) {
  begin(name);
  text_ += value;
  return *this;
}

Fields& Fields::add(std::string_view name, std::string_view value) {
  if (format_ == Format::text && plain(value)) return add_plain(name, value);
  begin(name);
  text_ += '"';
  append_escaped(text_, value);
  text_ += '"';
  return *this;
}

Fields& Fields::add(std::string_view name, std::int64_t value) {
  return add_plain(name, std::to_string(value));
}

Fields& Fields::add(std::string_view name, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3f", value);
  return add_plain(name, text);
}

Fields& Fields::add(std::string_view name, bool value) {
  return add_plain(name, value ? "true" : "false");
}

}  // namespace triage::log
