#pragma once
// Every picker that ships, in one list. To add one: a file here that defines its factory, a line in pickers.cpp, a
// test.

#include "triage/pair_spec.hpp"
#include "triage/picker.hpp"

#include <memory>

namespace triage::verify {

/// The picker that `spec` describes. The spec was checked and must outlive it. Null if its kind is not known; throws as
/// make_verifier_tree() does.
std::unique_ptr<Picker> make_picker(const PickerSpec& spec);

std::unique_ptr<Picker> make_llm_picker(const PickerSpec& spec);
std::unique_ptr<Picker> make_scorer(const PickerSpec& spec);

}  // namespace triage::verify
