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
void describe(options::Describer& v, LedgerSpec& s);
void describe(options::Describer& v, RecordSpec& s);
void describe(options::Describer& v, MatchSpec& s);
void describe(options::Describer& v, TierMember& s);
void describe(options::Describer& v, TimeoutsSpec& s);
void describe(options::Describer& v, RetrySpec& s);
void describe(options::Describer& v, HedgeSpec& s);
void describe(options::Describer& v, RouteSpec& s);

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
inline constexpr std::string_view short_form<TierMember> = "deployment";
template <>
inline constexpr std::string_view short_form<HoldSpec> = "mode";
template <>
inline constexpr std::string_view short_form<RecordSpec> = "content";

}  // namespace options
}  // namespace triage
