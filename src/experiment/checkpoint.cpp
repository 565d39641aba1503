#include "experiment/checkpoint.hpp"

#include "base/crc32c.hpp"
#include "base/file.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace triage::experiment {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t bytes_max = 4UL << 30;

Json header_of(const Engine& engine, const ledger::Checkpoint& reached, const std::string& state) {
  Json header;
  header["segment"] = reached.at.segment;
  header["offset"] = reached.at.offset;
  header["seq"] = reached.seq;
  header["bytes"] = state.size();
  header["crc32c"] = crc32c(state);
  header["rolled_back"] = Json::object();
  for (const auto& [name, experiment] : engine.all())
    if (!experiment.rolled_back().empty()) header["rolled_back"][name] = experiment.rolled_back();
  return header;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void remember_rolled_back(Engine& engine, const Json& header) {
  for (const auto& [name, versions] : header.at("rolled_back").items())
    for (const auto& version : versions) engine.at(name).remember_rolled_back(version);
}

}  // namespace

std::string checkpoint_path(const std::string& folder) {
  return folder + "/experiments.checkpoint";
}

bool write_checkpoint(const std::string& folder, const Engine& engine, const ledger::Checkpoint& reached,
                      std::string& problem) {
  const std::string state = engine.save();
  const std::string path = checkpoint_path(folder);
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  bool done = file >= 0 && write_all(file, header_of(engine, reached, state).dump() + "\n") && write_all(file, state) &&
              ::fdatasync(file) == 0;
  if (file >= 0) done = ::close(file) == 0 && done;
  done = done && ::rename(fresh.c_str(), path.c_str()) == 0;
  if (!done) problem = path + ": " + std::strerror(errno);
  return done;
}

Checkpoint read_checkpoint(const std::string& folder) {
  Checkpoint out;
  std::string reason;
  const auto text = read_file(checkpoint_path(folder), bytes_max, reason);
  if (!text) return out;
  const std::size_t line = text->find('\n');
  if (line == std::string::npos) return out;
  const std::string_view state = std::string_view(*text).substr(line + 1);
  try {
    const Json header = Json::parse(text->substr(0, line));
    const bool whole = state.size() == header.at("bytes") && crc32c(state) == header.at("crc32c");
    if (whole && out.engine.load(state)) out.reached = {{header.at("segment"), header.at("offset")}, header.at("seq")};
    remember_rolled_back(out.engine, header);
  } catch (const std::exception&) {  // of another version, or damaged
  }
  return out;
}

}  // namespace triage::experiment
