#include "pipeline/socket/model_guard.hpp"

#include "http1/field_grammar.hpp"
#include "json/json.hpp"
#include "openai/named_model.hpp"

namespace triage {

Result<std::string_view> ModelGuard::pass(std::string_view event, std::string& storage) const {
  const auto named = read_named_model(event, depth_max_);
  if (!named) {
    if (bound_) return named.error();
    return event;
  }
  if (!named->named && !named->more) return event;
  if (bound_ && (named->more || named->model.empty()))
    return Error{ErrorCode::invalid_value, "which model this event asks for cannot be told; name one, once, in 'model'",
                 "model"};
  if (named->model != asked_ && named->model != own_) {
    if (bound_)
      return Error{ErrorCode::invalid_value,
                   "this connection is for model " + grammar::quote(asked_) + ", not for " +
                       grammar::quote(named->model) + "; open another connection for another model",
                   "model"};
    return event;
  }
  if (named->model == own_) return event;
  storage.assign(event.substr(0, named->value.begin));
  append_json_string(storage, own_);
  storage.append(event.substr(named->value.end));
  return std::string_view(storage);
}

}  // namespace triage
