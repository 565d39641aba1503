#include "blocks/quirk_losses.hpp"

#include <algorithm>

namespace triage {
namespace {

bool forces_a_call(const BlockRequest& request) noexcept {
  using Kind = BlockChoice::Kind;
  return !request.tools.empty() && (request.choice.kind == Kind::any || request.choice.kind == Kind::named);
}

bool takes_forced_calls(const Quirks& quirks) noexcept {
  return !quirks.tool_choices ||
         std::ranges::any_of(*quirks.tool_choices, [](ChoiceWord choice) { return choice != ChoiceWord::none; });
}

}  // namespace

RequestFields fields_of(const BlockRequest& request) noexcept {
  RequestFields out = request.fields;
  const auto is_system = [](const BlockTurn& turn) { return turn.role == Role::system; };
  if (forces_a_call(request)) out |= bit(RequestField::forced_choice);
  if (std::ranges::any_of(request.turns, is_system)) out |= bit(RequestField::system_later);
  return out;
}

RequestFields refused_by_model(RequestFields fields, const Deployment& deployment) noexcept {
  const Quirks& quirks = deployment.quirks;
  RequestFields out = 0;
  const auto refuse = [&out](bool taken, RequestField field) { out |= taken ? 0 : bit(field); };
  refuse(takes_forced_calls(quirks), RequestField::forced_choice);
  refuse(quirks.prefill.value_or(true), RequestField::prefill);
  refuse(quirks.image_urls.value_or(true), RequestField::image_url);
  refuse(quirks.json_schema.value_or(true), RequestField::json_schema);
  refuse(quirks.json_object.value_or(true), RequestField::json_object);
  refuse(quirks.stop.value_or(true), RequestField::stops);
  return out & fields;
}

RequestFields refused_fields(RequestFields fields, const Deployment& deployment) noexcept {
  return refused_fields(fields, deployment.form) | refused_by_model(fields, deployment);
}

}  // namespace triage
