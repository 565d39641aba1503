#include "verify/pickers.hpp"

namespace triage::verify {
namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<Picker> (*make)(const PickerSpec& spec);
};

constexpr Kind kinds[] = {{"llm", make_llm_picker}, {"scorer", make_scorer}};

}  // namespace

std::unique_ptr<Picker> make_picker(const PickerSpec& spec) {
  for (const Kind& kind : kinds)
    if (kind.name == spec.kind) return kind.make(spec);
  return nullptr;
}

}  // namespace triage::verify
