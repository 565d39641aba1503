#pragma once
// Every key of the configuration, once, in the order of the documentation: see options/type.hpp. The options of
// routers, verifiers and pickers are described beside their code, in src/routing and src/verify.

#include "options/type.hpp"
#include "triage/spec.hpp"

namespace triage {

void describe(options::Describer& v, TlsSpec& s);
void describe(options::Describer& v, CorsSpec& s);
void describe(options::Describer& v, ListenSpec& s);
void describe(options::Describer& v, AdminKeySpec& s);
void describe(options::Describer& v, AdminSpec& s);
void describe(options::Describer& v, LimitsSpec& s);
void describe(options::Describer& v, KeySpec& s);
void describe(options::Describer& v, PoolSpec& s);
void describe(options::Describer& v, Quirks& s);
void describe(options::Describer& v, CredentialsSpec& s);
void describe(options::Describer& v, ProviderKey& s);
void describe(options::Describer& v, ClientTlsSpec& s);
void describe_keys(options::Describer& v, Provider& s);   ///< describe_clouds.cpp
void describe_reach(options::Describer& v, Provider& s);  ///< likewise
void describe_cloud(options::Describer& v, Provider& s);  ///< describe_clouds.cpp
void describe(options::Describer& v, Provider& s);
void describe(options::Describer& v, Deployment& s);
void describe(options::Describer& v, BreakerSpec& s);
void describe(options::Describer& v, ConfigSpec& s);
void describe(options::Describer& v, HoldSpec& s);
void describe(options::Describer& v, CascadeSpec& s);
void describe(options::Describer& v, PairSpec& s);
void describe(options::Describer& v, PriceStep& s);
void describe(options::Describer& v, ServiceTierPrice& s);
void describe(options::Describer& v, SearchCharges& s);
void describe(options::Describer& v, Price& s);
void describe(options::Describer& v, PricesSpec& s);
void describe(options::Describer& v, LogSpec& s);
void describe(options::Describer& v, OtlpSpec& s);
void describe(options::Describer& v, LedgerSpec& s);
void describe(options::Describer& v, RecordSpec& s);
void describe(options::Describer& v, MatchSpec& s);
void describe(options::Describer& v, TierMember& s);
void describe(options::Describer& v, TimeoutsSpec& s);
void describe(options::Describer& v, RetrySpec& s);
void describe(options::Describer& v, HedgeSpec& s);
void describe(options::Describer& v, JudgeSpec& s);
void describe(options::Describer& v, SloSpec& s);
void describe(options::Describer& v, DriftSpec& s);
void describe(options::Describer& v, QualitySpec& s);
void describe(options::Describer& v, StageSpec& s);
void describe(options::Describer& v, GuardrailSpec& s);
void describe(options::Describer& v, WebhookSpec& s);
void describe(options::Describer& v, ExperimentSpec& s);
void describe(options::Describer& v, ArmSpec& s);
void describe(options::Describer& v, RouteSpec& s);

/// Makes an arm that differs in nothing from its route.
void start_as(ArmSpec& arm, const RouteSpec& route);

/// The options of a kind of unit that has none.
struct NoOptions {};
inline void describe(options::Describer& /*v*/, NoOptions& /*s*/) {}

namespace options {

template <>
inline constexpr bool is_named<Provider> = true;
template <>
inline constexpr bool is_named<ServiceTierPrice> = true;
template <>
inline constexpr bool is_named<Deployment> = true;
template <>
inline constexpr bool is_named<RouteSpec> = true;

template <>
struct Overlay<ArmSpec> {
  using type = RouteSpec;
};

template <>
struct Choice<UnitSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 0> later{};
};

template <>
inline constexpr std::string_view short_form<ProviderKey> = "key";
template <>
inline constexpr std::string_view short_form<DriftSpec> = "action";
template <>
inline constexpr std::string_view short_form<GuardrailSpec> = "signal";
template <>
inline constexpr std::string_view short_form<WebhookSpec> = "url";
template <>
inline constexpr std::string_view short_form<TierMember> = "deployment";
template <>
inline constexpr std::string_view short_form<HoldSpec> = "mode";
template <>
inline constexpr std::string_view short_form<RecordSpec> = "content";

}  // namespace options
}  // namespace triage
