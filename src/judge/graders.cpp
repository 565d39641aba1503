#include "judge/graders.hpp"

#include "base/hash.hpp"
#include "options/type_of.hpp"

#include <algorithm>
#include <cstdio>

namespace triage::judge {

extern const GraderKind exact_grader, numeric_grader, regex_grader, json_schema_grader, command_grader;

namespace {

// In the order of the documentation.
constexpr const GraderKind* graders[] = {&exact_grader, &numeric_grader, &regex_grader, &json_schema_grader,
                                         &command_grader};

}  // namespace

const GraderKind* find_grader(std::string_view kind) noexcept {
  for (const GraderKind* grader : graders)
    if (grader->is.name == kind) return grader;
  return nullptr;
}

void check_grader(const options::Checking& in, const GraderSpec& spec, const options::Path& path) {
  const GraderKind* const kind = find_grader(spec.kind);
  if (kind == nullptr || !in.intact(path)) return;
  const options::Path at = path / spec.kind;
  if (std::ranges::find(reserved_names, kind->common(spec.options).name) != reserved_names.end())
    in.error(at / "name", to_string(at / "name") + ": grades of this name come from elsewhere", "choose another name");
  if (kind->check != nullptr) kind->check(in, at, spec.options);
}

const GraderOptions& common_options(const GraderSpec& spec) {
  return find_grader(spec.kind)->common(spec.options);
}

std::string name_of(const GraderSpec& spec) {
  const std::string& name = common_options(spec).name;
  return name.empty() ? spec.kind : name;
}

std::string version_of(const GraderSpec& spec) {
  const GraderKind* const kind = find_grader(spec.kind);
  char out[17];
  const std::string all = spec.kind + "\n" + kind->settings(spec.options);
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(stable_hash64(all)));
  return out;
}

std::unique_ptr<Grader> make_grader(const GraderSpec& spec) {
  const GraderKind* const kind = find_grader(spec.kind);
  return kind != nullptr ? kind->make(spec.options) : nullptr;
}

bool drawn(std::string_view id, std::string_view route, std::string_view who, double share) noexcept {
  if (share <= 0) return false;
  std::string text("grade\n");
  text.append(who).append("\n").append(route).append("\n").append(id);
  constexpr double below_one = 0x1p-53;  // a double has 53 bits
  return static_cast<double>(stable_hash64(text) >> 11) * below_one < share;
}

void describe_common(options::Describer& v, GraderOptions& s) {
  v.field({.name = "name", .text = "what its grades are called", .shown_default = "its kind"}, s.name);
  v.field({.name = "share", .text = "part of the route's answers that it grades, drawn by the request's id", .most = 1},
          s.share);
}

}  // namespace triage::judge

namespace triage {

std::vector<const options::Kind*> options::Choice<GraderSpec>::kinds() {
  std::vector<const Kind*> out;
  for (const judge::GraderKind* grader : judge::graders) out.push_back(&grader->is);
  return out;
}

}  // namespace triage
