#include "simulate/model.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "simulate/chance.hpp"
#include "simulate/reply_text.hpp"

namespace triage::simulate {

std::optional<Fault> refusal_of(const ModelSpec& spec, const Question& question, ModelKind kind, std::uint64_t chance) {
  if (spec.kind != kind) {
    return bad_value("The model `" + spec.name + "` is of kind " +
                         (spec.kind == ModelKind::chat ? "chat" : "embedding") + ": this endpoint does not serve it.",
                     "model");
  }
  if (question.prompt_tokens > spec.context_window) {
    return bad_value("This model's maximum context length is " + std::to_string(spec.context_window) +
                         " tokens. However, your messages resulted in " + std::to_string(question.prompt_tokens) +
                         " tokens. Please reduce the length of the messages.",
                     "messages", "context_length_exceeded");
  }
  if (question.logprobs && !spec.logprobs)
    return bad_value("The model `" + spec.name + "` does not give logprobs.", "logprobs", "unsupported_parameter");
  if (spec.failure.rate > 0 && uniform(chance, purpose::failure) < spec.failure.rate) {
    Fault fault = usual_fault(spec.failure.status);
    fault.retry_after = spec.failure.retry_after;
    return fault;
  }
  return std::nullopt;
}

Fault no_such_model(std::string_view name) {
  Fault fault = usual_fault(404);
  fault.message = "The model `" + std::string(name) + "` does not exist or you do not have access to it.";
  return fault;
}

void append_model(std::string& out, std::string_view name) {
  out += R"({"id":)";
  append_json_string(out, name);
  out += R"(,"object":"model","created":)";
  append_number(out, created);
  out += R"(,"owned_by":"simulated"})";
}

std::string models_text(const Models& models) {
  std::string out = R"({"object":"list","data":[)";
  for (const auto& model : models) {
    if (model != models.front()) out += ',';
    append_model(out, model->spec.name);
  }
  return out + "]}";
}

std::string billing_text(const Models& models) {
  const auto count = [](std::string& out, std::string_view name, const std::atomic<std::uint64_t>& value) {
    out.append(",\"").append(name).append("\":");
    append_number(out, value.load(std::memory_order_relaxed));
  };
  std::string out = R"({"object":"billing","models":{)";
  for (const auto& model : models) {
    if (model != models.front()) out += ',';
    append_json_string(out, model->spec.name);
    out += ":{";
    model->bill.append_members(out);
    count(out, "failures", model->failures);
    count(out, "abandoned", model->abandoned);
    out += '}';
  }
  return out + "}}";
}

}  // namespace triage::simulate
