#include "verify/pickers.hpp"

namespace triage::verify {

extern const PickerKind llm_picker, scorer_picker;

namespace {

constexpr const PickerKind* pickers[] = {&llm_picker, &scorer_picker};

const PickerKind* find_picker(std::string_view kind) noexcept {
  for (const PickerKind* picker : pickers)
    if (picker->is.name == kind) return picker;
  return nullptr;
}

}  // namespace

void check_picker(const options::Checking& in, const PickerSpec& spec, const options::Path& path) {
  if (const PickerKind* const kind = find_picker(spec.kind)) kind->check(in, path / spec.kind, spec.options);
}

std::unique_ptr<Picker> make_picker(const PickerSpec& spec) {
  const PickerKind* const kind = find_picker(spec.kind);
  return kind != nullptr ? kind->make(spec.options) : nullptr;
}

}  // namespace triage::verify

namespace triage {

std::vector<const options::Kind*> options::Choice<PickerSpec>::kinds() {
  std::vector<const Kind*> out;
  for (const verify::PickerKind* picker : verify::pickers) out.push_back(&picker->is);
  return out;
}

}  // namespace triage
