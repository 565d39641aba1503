#include "config/experiment_version.hpp"

#include "base/sha256.hpp"
#include "config/describe.hpp"
#include "options/type_of.hpp"

#include <algorithm>

namespace triage::config {
namespace {

using namespace options;

/// Writes `name=value;` for each key, in the order of the description; what is inside a value stands in braces.
class KeyTexts final : public Describer {
 public:
  explicit KeyTexts(std::initializer_list<std::string_view> left_out = {}) : left_out_(left_out) {}

  std::string out;

  void visit(const Key& key, Ref value) override {
    if (std::ranges::find(left_out_, key.name) != left_out_.end()) return;
    out.append(key.name).append("=");
    add(value);
    out += ';';
  }
  void keyword(const Key& key, bool& value, std::string_view /*word*/) override {
    out.append(key.name).append(value ? "=yes;" : "=no;");
  }

 private:
  void add(Ref value) {
    const Type& type = *value.type;
    if (type.shape == Shape::scalar) return add_scalar(*type.scalar, value.at);
    out += '{';
    if (type.shape == Shape::section) {
      type.section->describe(*this, value.at);
    } else if (type.shape == Shape::choice) {
      add_kind(value);
    } else {
      for (std::size_t i = 0; i < type.container->size(value.at); ++i) {
        if (type.container->name_at != nullptr) out += type.container->name_at(value.at, i) + ":";
        add({&type.inside(), type.container->at(value.at, i)});
      }
    }
    out += '}';
  }

  void add_scalar(const ScalarType& type, const void* value) {
    const std::string text = type.in_clear(value);
    out += std::to_string(text.size()) + ":" + text;  // so that no text can look like several keys
    if (type.part) out += static_cast<const PartFile*>(value)->sha256;
  }

  void add_kind(Ref value) {
    const Kind* const kind = kind_of(value);
    if (kind == nullptr) return;
    std::any& options = value.type->choice->options(value.at);
    if (!options.has_value()) options = kind->unwritten();
    out.append(kind->name);
    add({&kind->type(), kind->value(options)});
  }

  const std::vector<std::string_view> left_out_;
};

}  // namespace

std::string policy_text(const ArmSpec& arm, const ConfigSpec& spec) {
  ArmSpec copy = arm;  // describe() takes a mutable one
  KeyTexts texts;
  describe(texts, copy);
  std::string out = std::move(texts.out);
  for (const auto& [tier, members] : arm.tiers)
    for (const TierMember& member : members) {
      const auto known = std::ranges::find(spec.deployments, member.deployment, &Deployment::name);
      if (known != spec.deployments.end()) out += known->name + "=" + known->provider + "/" + known->model + ";";
    }
  return out;
}

std::string version_of(const ExperimentSpec& experiment, const ConfigSpec& spec, const std::string& files) {
  ExperimentSpec copy = experiment;
  KeyTexts texts({"control", "treatment", "webhook"});
  describe(texts, copy);
  const std::string text = texts.out + "\n" + policy_text(*experiment.control, spec) + "\n" +
                           policy_text(*experiment.treatment, spec) + "\n" + files;
  return hex(sha256(text)).substr(0, 8);
}

}  // namespace triage::config
