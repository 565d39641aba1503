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

Json json_of(const Decision& decision) {
  Json out;
  out["name"] = decision.name;
  out["version"] = decision.version;
  out["time_unix_ms"] = decision.time_unix_ms;
  out["route"] = decision.route;
  out["action"] = decision.action;
  out["stage"] = decision.stage;
  out["share"] = decision.share;
  out["figures"] = decision.figures;
  out["clock_ms"] = decision.clock_ms;
  return out;
}

Decision decision_in(const Json& json) {
  Decision out;
  out.name = json.at("name");
  out.version = json.at("version");
  out.time_unix_ms = json.at("time_unix_ms");
  out.route = json.at("route");
  out.action = json.at("action");
  out.stage = json.at("stage");
  out.share = json.at("share");
  out.figures = json.at("figures");
  out.clock_ms = json.at("clock_ms");
  return out;
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

// What another version of Triage has known.
void fold_header(Engine& engine, const Json& header) {
  for (const auto& summary : header.at("experiments")) engine.fold(decision_in(summary));
  for (const auto& [name, versions] : header.at("rolled_back").items())
    for (const auto& version : versions) engine.at(name).remember_rolled_back(version);
}

}  // namespace

std::string checkpoint_path(const std::string& folder) {
  return folder + "/experiments.checkpoint";
}

std::string checkpoint_text(const Engine& engine, const ledger::Checkpoint& reached) {
  const std::string state = engine.save();
  Json header;
  header["segment"] = reached.at.segment;
  header["offset"] = reached.at.offset;
  header["seq"] = reached.seq;
  header["bytes"] = state.size();
  header["crc32c"] = crc32c(state);
  header["rolled_back"] = Json::object();
  header["experiments"] = Json::array();
  for (const auto& [name, experiment] : engine.all()) {
    if (!experiment.rolled_back().empty()) header["rolled_back"][name] = experiment.rolled_back();
    if (experiment.status() != Status::unknown) header["experiments"].push_back(json_of(experiment.summary()));
  }
  return header.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n" + state;
}

bool write_checkpoint(const std::string& folder, std::string_view text, std::string& problem) {
  const std::string path = checkpoint_path(folder);
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  bool done = file >= 0 && write_all(file, text) && ::fdatasync(file) == 0;
  if (!done) problem = path + ": " + std::strerror(errno);
  if (file >= 0) ::close(file);
  if (done && ::rename(fresh.c_str(), path.c_str()) != 0) {
    done = false;
    problem = path + ": " + std::strerror(errno);
  }
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
    if (whole && out.engine.load(state))
      out.reached = {{header.at("segment"), header.at("offset")}, header.at("seq")};
    else
      fold_header(out.engine, header);
  } catch (const std::exception&) {
    // It is damaged: what could be read of it counts.
  }
  return out;
}

}  // namespace triage::experiment
