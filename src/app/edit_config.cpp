#include "app/edit_config.hpp"

#include "base/file.hpp"
#include "config/sources.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace triage {
namespace {

// Where a place is in a text; its size if it is not there.
std::size_t offset_of(std::string_view text, const options::Place& place) {
  std::size_t at = 0;
  for (int line = 1; line < place.line; ++line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  return std::min(at + static_cast<std::size_t>(place.column - 1), text.size());
}

void replace_file(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) {
    const auto mode = std::filesystem::status(file, error).permissions();
    std::filesystem::permissions(fresh, mode, error);
    std::filesystem::rename(fresh, file, error);
  }
  if (!out || error) throw std::runtime_error("cannot write '" + file + "'");
}

}  // namespace

std::optional<std::string> with_scalar(std::string_view yaml, const options::Origin& origin, std::string_view value) {
  const std::size_t at = offset_of(yaml, origin.place);
  if (origin.text.empty() || !yaml.substr(at).starts_with(origin.text)) return std::nullopt;
  std::string out(yaml);
  return out.replace(at, origin.text.size(), value);
}

std::optional<std::string> with_key_before(std::string_view yaml, const options::Origin& neighbour,
                                           std::string_view key, std::string_view value) {
  const std::size_t at = offset_of(yaml, neighbour.key);
  std::string text = std::string(key) + ": " + std::string(value);
  const std::size_t last = yaml.substr(0, at).find_last_not_of(" \n\r");
  if (last != std::string_view::npos && (yaml[last] == '{' || yaml[last] == ',')) {
    text += ", ";
  } else {
    const std::size_t newline = yaml.substr(0, at).rfind('\n');
    std::string before(yaml.substr(newline + 1, at - newline - 1));  // npos + 1 is 0
    if (before.find_first_not_of(" -") != std::string::npos) return std::nullopt;
    for (char& c : before) c = ' ';  // the dash of a list's item stays where it is
    text += "\n" + before;
  }
  std::string out(yaml);
  return out.insert(at, text);
}

void write_value(const std::string& main_file, const Loaded& loaded, const options::Path& section,
                 const std::string& key, const std::string& value, const std::string& neighbour) {
  const std::string by_hand = "write '" + key + ": " + value + "' into " + to_string(section) + " yourself";
  const options::Origin* const own = loaded.origins.find(section / key);
  const options::Origin* const beside = loaded.origins.find(section / neighbour);
  if (own == nullptr && beside == nullptr) throw std::runtime_error(by_hand);
  const std::string& file = loaded.files.at((own != nullptr ? own : beside)->place.file);
  std::string reason;
  const auto before = read_file(file, config::Sources::file_bytes_max, reason);
  if (!before) throw std::runtime_error("cannot read '" + file + "': " + reason);
  const auto after = own != nullptr ? with_scalar(*before, *own, value) : with_key_before(*before, *beside, key, value);
  if (!after) throw std::runtime_error(file + ": " + by_hand);
  replace_file(file, *after);
  const Loaded again = load_file(main_file);
  const options::Origin* const now = again.origins.find(section / key);
  if (again.ok() && now != nullptr && now->text == value) return;
  replace_file(file, *before);
  throw std::runtime_error(file + ": " + by_hand);
}

}  // namespace triage
