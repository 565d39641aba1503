// The assembler copies the files. Their folder is a definition of CMakeLists.txt, which also rebuilds this file when
// one of them changes.
#include "onnx/builtin_models.hpp"

#include <array>
#include <cstddef>

// NOLINTBEGIN(bugprone-macro-parentheses)
#define TRIAGE_MODEL(name)                                              \
  asm(".section .rodata\n"                                              \
      ".balign 16\n"                                                    \
      "triage_model_" #name                                             \
      ":\n"                                                             \
      ".incbin \"" TRIAGE_MODELS "/" #name                              \
      ".onnx\"\n"                                                       \
      "triage_model_" #name                                             \
      "_end:\n"                                                         \
      ".byte 0\n"                                                       \
      ".previous\n");                                                   \
  extern "C" {                                                          \
  extern const char triage_model_##name[], triage_model_##name##_end[]; \
  }
// NOLINTEND(bugprone-macro-parentheses)

TRIAGE_MODEL(difficulty)
TRIAGE_MODEL(verifier)

namespace triage::onnx {
namespace {

std::string_view between(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const BuiltinModel> builtin_models() noexcept {
  static const std::array models{
      BuiltinModel{"difficulty", between(triage_model_difficulty, triage_model_difficulty_end)},
      BuiltinModel{"verifier", between(triage_model_verifier, triage_model_verifier_end)},
  };
  return models;
}

}  // namespace triage::onnx
