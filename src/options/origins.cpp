#include "options/origins.hpp"

#include <algorithm>

namespace triage::options {

Path operator/(const Path& path, std::string key) {
  Path out = path;
  out.push_back(std::move(key));
  return out;
}

Path operator/(const Path& path, std::size_t index) {
  std::string step = "[";
  return path / step.append(std::to_string(index)).append("]");
}

std::string to_string(const Path& path) {
  std::string out;
  for (const std::string& step : path) {
    if (!out.empty() && !step.starts_with('[')) out += '.';
    out += step;
  }
  return out.empty() ? "the config" : out;
}

std::optional<Path> Origins::in_base(const Path& path) const {
  if (bases_.empty()) return std::nullopt;
  Path rest;
  for (Path at = path; !at.empty(); at.pop_back()) {
    if (const auto base = bases_.find(at); base != bases_.end()) {
      Path out = base->second;
      out.insert(out.end(), rest.rbegin(), rest.rend());
      return out;
    }
    if (replaced_.contains(at)) return std::nullopt;
    rest.push_back(at.back());
  }
  return std::nullopt;
}

const Origin* Origins::find(const Path& path) const {
  if (const auto found = origins_.find(path); found != origins_.end()) return &found->second;
  const auto base = in_base(path);
  return base ? find(*base) : nullptr;
}

Place Origins::place(const Path& path) const {
  for (Path at = path;; at.pop_back()) {
    if (const Origin* origin = find(at)) return origin->place;
    if (at.empty()) return {};
  }
}

Place Origins::key_place(const Path& path) const {
  const Origin* origin = find(path);
  return origin ? origin->key : place(path);
}

std::string Origins::shown(const Path& path, std::string_view otherwise) const {
  const Origin* origin = find(path);
  return in_quotes(origin && !origin->text.empty() ? std::string_view(origin->text) : otherwise);
}

bool Origins::intact(const Path& path) const {
  for (Path at = path;; at.pop_back()) {
    if (failed_.contains(at)) return false;
    if (at.empty()) break;
  }
  return !inherited(path) || intact(*in_base(path));
}

bool Origins::intact_inside(const Path& path) const {
  if (const auto base = in_base(path); base && !intact_inside(*base)) return false;
  const auto next = failed_.upper_bound(path);  // paths inside a path sort right after it
  return next == failed_.end() || next->size() < path.size() || !std::equal(path.begin(), path.end(), next->begin());
}

}  // namespace triage::options
