#include "app/config_edit.hpp"

#include "base/text.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace triage {

bool replace_scalar(std::string& yaml, const options::Place& place, std::string_view before, std::string_view after) {
  std::size_t at = 0;
  for (int line = 1; line < place.line; ++line) {
    at = yaml.find('\n', at);
    if (at == std::string::npos) return false;
    ++at;
  }
  at += static_cast<std::size_t>(place.column - 1);
  if (at >= yaml.size()) return false;
  const bool quoted = yaml[at] == '"' || yaml[at] == '\'';
  std::string written(before);
  if (quoted) written = yaml[at] + written + yaml[at];
  if (yaml.compare(at, written.size(), written) != 0) return false;
  const std::size_t end = at + written.size();
  // A plain scalar must end there, or the text is the beginning of another.
  if (!quoted && end < yaml.size() && std::string_view(" \t\r\n,}]#").find(yaml[end]) == std::string_view::npos)
    return false;
  yaml.replace(at, written.size(), after);
  return true;
}

void edit_config(const std::string& file, const options::Place& place, std::string_view before,
                 std::string_view after) {
  namespace fs = std::filesystem;
  // Where the file is a link, what it leads to is replaced.
  const fs::path real = fs::canonical(file);
  std::ifstream in(real, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read '" + file + "'");
  std::string yaml = content.str();
  if (!replace_scalar(yaml, place, before, after))
    throw std::runtime_error(file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
                             ": there is no " + quoted_name(before) + " any more: write " + std::string(after) +
                             " there yourself");
  const fs::path next = real.string() + ".new";
  std::ofstream out(next, std::ios::binary | std::ios::trunc);
  out << yaml;
  out.close();
  std::error_code failed;
  if (out) fs::permissions(next, fs::status(real).permissions(), failed);
  if (out && !failed) fs::rename(next, real, failed);
  if (!out || failed) {
    fs::remove(next, failed);
    throw std::runtime_error("cannot write '" + file + "'");
  }
}

}  // namespace triage
