#include "app/dashboard_standing.hpp"

#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

Json slo_json(const ledger::SloStanding& standing) {
  return {{"route", standing.route},
          {"promise", ledger::promise(standing.slo)},
          {"signal", word(standing.slo.signal)},
          {"value_min", standing.slo.value_min ? Json(*standing.slo.value_min) : Json()},
          {"value_max", standing.slo.value_max ? Json(*standing.slo.value_max) : Json()},
          {"state", word(standing.state)},
          {"values", standing.values},
          {"mean", standing.values > 0 ? Json(standing.mean) : Json()},
          {"low", standing.low},
          {"high", standing.high}};
}

}  // namespace

std::string standing_json(const std::vector<ledger::SloStanding>& slo, const std::string& drift) {
  Json out{{"slo", Json::array()}, {"drift", Json::parse(drift)}};
  for (const ledger::SloStanding& each : slo) out["slo"].push_back(slo_json(each));
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace triage
