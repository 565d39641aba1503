#pragma once
// A model in service: its spec and its counts. Shared by all loops.

#include "simulate/answer.hpp"
#include "simulate/bill.hpp"
#include "simulate/spec.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace triage::simulate {

struct alignas(64) Model {
  explicit Model(ModelSpec model) : spec(std::move(model)) {}

  const ModelSpec spec;
  Bill bill{spec.price};
  std::atomic<std::uint64_t> seen{0};       ///< requests, whatever happened to them
  std::atomic<std::uint64_t> failures{0};   ///< by `failure` or x-simulate, not billed
  std::atomic<std::uint64_t> abandoned{0};  ///< the client left before the answer began, not billed
};

using Models = std::vector<std::unique_ptr<Model>>;

/// Why the model does not answer: its kind, window or abilities, or a failure this time.
std::optional<Fault> refusal_of(const ModelSpec& spec, const Question& question, ModelKind kind, std::uint64_t chance);
Fault no_such_model(std::string_view name);

/// OpenAI's model object, and the list of all models.
void append_model(std::string& out, std::string_view name);
std::string models_text(const Models& models);

/// {"object":"billing","models":{NAME:{"requests","prompt_tokens","completion_tokens","cached_tokens",
/// "reasoning_tokens","cost_nano_usd","reported":{...},"unreported":{...},"failures","abandoned"}}}
std::string billing_text(const Models& models);

}  // namespace triage::simulate
