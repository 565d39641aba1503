#include "experiment/engine.hpp"

namespace triage::experiment {
namespace {

constexpr std::uint32_t format = 3;  // raised with every change of an archive() function, or of src/statistics

}  // namespace

Experiment& Engine::at(const std::string& name) {
  return experiments_.try_emplace(name, name).first->second;
}

const Experiment* Engine::find(std::string_view name) const {
  const auto found = experiments_.find(name);
  return found == experiments_.end() ? nullptr : &found->second;
}

void Engine::fold(const JournalLine& line) {
  if (const auto* seen = std::get_if<Sighting>(&line)) {
    if (const auto found = experiments_.find(seen->name); found != experiments_.end()) found->second.fold(*seen);
  } else if (const auto* decided = std::get_if<Decision>(&line)) {
    at(decided->name).fold(*decided);
  }
}

std::string Engine::save() const {
  Saver out;
  std::uint32_t version = format;
  archive(out, version);
  std::uint64_t count = experiments_.size();
  archive(out, count);
  for (const auto& [name, experiment] : experiments_) {
    std::string copy = name;
    archive(out, copy);
    archive(out, const_cast<Experiment&>(experiment));  // NOLINT: archive() serves both directions
  }
  return out.take();
}

bool Engine::load(std::string_view state) {
  Loader in(state);
  std::uint32_t version = 0;
  std::uint64_t count = 0;
  archive(in, version);
  if (version != format) return false;
  archive(in, count);
  Engine fresh;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    std::string name;
    archive(in, name);
    archive(in, fresh.at(name));
  }
  if (!in.ok() || !in.at_end()) return false;
  *this = std::move(fresh);
  return true;
}

}  // namespace triage::experiment
