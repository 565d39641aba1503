#include "pipeline/capability.hpp"

#include "blocks/quirk_losses.hpp"
#include "clients/clients.hpp"

#include <algorithm>
#include <bit>

namespace triage {
namespace {

constexpr std::uint32_t bit(Capability capability) {
  return 1U << static_cast<unsigned>(capability);
}
constexpr std::uint32_t tools = bit(Capability::tools);
constexpr std::uint32_t images = bit(Capability::images);
constexpr std::uint32_t audio = bit(Capability::audio);
constexpr std::uint32_t json_schema = bit(Capability::json_schema);
constexpr std::uint32_t logprobs = bit(Capability::logprobs);

constexpr double least_part = 0.85;  // the estimate's error, in either direction
constexpr double most_part = 1.15;

double demand(const Needs& needs, double part) noexcept {
  return static_cast<double>(needs.tokens) * part + static_cast<double>(needs.max_tokens);
}

std::string_view param_of(std::uint32_t capabilities) noexcept {
  if ((capabilities & tools) != 0) return "tools";
  if ((capabilities & json_schema) != 0) return "response_format";
  if ((capabilities & logprobs) != 0) return "logprobs";
  return "messages";
}

void note_fields(const ApiRequest& request, Needs& needs) {
  const Result<BlockRequest>& blocks = blocks_of(request);
  if (blocks)
    needs.fields = fields_of(*blocks);
  else
    needs.unreadable = blocks.error();
}

}  // namespace

Needs needs_of(const ApiRequest& request, const ChatView& view, std::optional<std::int64_t> window_least,
               bool translates) {
  Needs needs;
  if (view.tools) needs.capabilities |= tools;
  if (view.images > 0) needs.capabilities |= images;
  if (view.audio) needs.capabilities |= audio;
  if (view.response_format == ResponseFormat::json_schema) needs.capabilities |= json_schema;
  if (view.logprobs) needs.capabilities |= logprobs;
  needs.form = request.form;
  if (request.api != Api::chat)
    needs.fields = bit(RequestField::other_api);
  else if (translates)
    note_fields(request, needs);
  if (request.api != Api::chat || !window_least) return needs;  // several prompts or inputs have one window each
  needs.max_tokens = std::max<std::int64_t>(0, view.max_tokens.value_or(0));
  needs.tokens = static_cast<std::int64_t>(request.body.size());
  if (demand(needs, most_part) > static_cast<double>(*window_least)) needs.tokens = view.tokens_all();
  return needs;
}

std::uint32_t lacking(const Deployment& deployment, const Needs& needs) noexcept {
  if (!deployment.capabilities) return 0;
  std::uint32_t out = needs.capabilities;
  for (const Capability each : *deployment.capabilities) out &= ~bit(each);
  return out;
}

bool untranslatable(const Deployment& deployment, const Needs& needs) noexcept {
  return !speaks(deployment, needs.form) && (needs.unreadable || refused_fields(needs.fields, deployment) != 0);
}

Error untranslatable_error(const Deployment& deployment, const Needs& needs) {
  if (needs.unreadable) return *needs.unreadable;
  const RequestFields unsaid = refused_fields(needs.fields, deployment.form);
  const RequestFields refused = unsaid != 0 ? unsaid : refused_by_model(needs.fields, deployment);
  const FieldRow& row = row_of(static_cast<RequestField>(std::countr_zero(refused)));
  const std::string who = unsaid != 0
                              ? "speaks " + std::string(word(deployment.form)) + ", which has no word for this: "
                              : "has a model, '" + deployment.model + "', that does not take this: ";
  return {ErrorCode::untranslatable,
          "provider '" + deployment.provider + "' " + who + std::string(row.where) +
              (row.help.empty() ? "" : "; " + std::string(row.help)),
          std::string(row.name)};
}

bool too_small(const Deployment& deployment, const Needs& needs) noexcept {
  return needs.tokens > 0 && deployment.context_window &&
         demand(needs, least_part) > static_cast<double>(*deployment.context_window);
}

bool holds_surely(const Deployment& deployment, const Needs& needs) noexcept {
  return needs.tokens > 0 && deployment.context_window &&
         demand(needs, most_part) <= static_cast<double>(*deployment.context_window);
}

Fit fit(const Deployment& deployment, const Needs& needs) noexcept {
  if (untranslatable(deployment, needs)) return Fit::cannot;
  if (lacking(deployment, needs) != 0 || too_small(deployment, needs)) return Fit::cannot;
  if (needs.capabilities != 0 && !deployment.capabilities) return Fit::unknown;
  const bool tight = needs.tokens > 0 && deployment.context_window &&
                     demand(needs, most_part) > static_cast<double>(*deployment.context_window);
  return tight ? Fit::unknown : Fit::can;
}

bool all_can(const Needs& needs, std::optional<std::int64_t> window_least) noexcept {
  if (needs.capabilities != 0 || needs.fields != 0 || needs.unreadable) return false;
  return needs.tokens == 0 || (window_least && demand(needs, most_part) <= static_cast<double>(*window_least));
}

std::string names_of(std::uint32_t capabilities) {
  std::string out;
  for (std::size_t i = 0; i < words<Capability>.size(); ++i)
    if ((capabilities >> i & 1) != 0) out.append(out.empty() ? "" : ", ").append(words<Capability>[i]);
  return out;
}

std::string names_of_additions(Additions additions) {
  std::string out;
  for (std::size_t i = 0; i < words<Addition>.size(); ++i)
    if ((additions >> i & 1) != 0) out.append(out.empty() ? "" : ", ").append(words<Addition>[i]);
  return out;
}

Error incapable(const std::vector<const Deployment*>& deployments, const Needs& needs, const std::string& where) {
  for (const Deployment* deployment : deployments)
    if (untranslatable(*deployment, needs) && lacking(*deployment, needs) == 0 && !too_small(*deployment, needs))
      return untranslatable_error(*deployment, needs);
  std::uint32_t missing = needs.capabilities;  // what all of them lack
  std::uint32_t any = 0;                       // what at least one of them lacks
  std::int64_t window = 0;
  bool any_too_small = false;
  for (const Deployment* deployment : deployments) {
    missing &= lacking(*deployment, needs);
    any |= lacking(*deployment, needs);
    any_too_small = any_too_small || too_small(*deployment, needs);
    window = std::max(window, deployment->context_window.value_or(0));
  }
  const std::string length = "about " + std::to_string(needs.tokens) + " tokens" +
                             (needs.max_tokens > 0 ? " and an answer of " + std::to_string(needs.max_tokens) : "");
  if (any == 0)
    return {ErrorCode::context_length_exceeded,
            "this request of " + length + " does not fit " + where + ", whose largest context window is " +
                std::to_string(window) + " tokens; shorten the messages or lower max_tokens",
            "messages"};
  const std::uint32_t named = missing != 0 ? missing : any;
  std::string message = "this request needs " + names_of(named) + ", which " + where +
                        (missing != 0 ? " does not offer" : " does not offer together");
  if (missing == 0 && any_too_small) message += " with a context window for " + length;
  return {ErrorCode::capability_missing, message + "; leave it out or ask for another model",
          std::string(param_of(named))};
}

}  // namespace triage
