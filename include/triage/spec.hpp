#pragma once
// The configuration as plain values: what the YAML says, after defaults. src/config reads it (one description of every
// key serves parser, validation and documentation) and checks it; then it never changes. Names and units are those of
// the YAML; docs/configuration.md lists every key.

#include "triage/cascade_spec.hpp"
#include "triage/experiment_spec.hpp"
#include "triage/otlp_spec.hpp"
#include "triage/pair_spec.hpp"
#include "triage/price.hpp"
#include "triage/provider_spec.hpp"
#include "triage/quality_spec.hpp"
#include "triage/quirks.hpp"
#include "triage/router_spec.hpp"
#include "triage/secret.hpp"
#include "triage/tls_spec.hpp"
#include "triage/translation.hpp"
#include "triage/units.hpp"
#include "triage/url.hpp"
#include "triage/words.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// host:port of a socket, `[::1]:8080` for IPv6. Port 0 lets the kernel choose.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

struct CorsSpec {
  std::vector<std::string> origins;  ///< exact origins, or "*"; empty: no CORS headers at all
  std::vector<std::string> headers;  ///< allowed request headers; empty: echoes what the preflight asks for
  milliseconds max_age{600'000};
};

struct ListenSpec {
  Address address{"127.0.0.1", 8080};
  std::optional<TlsSpec> tls;
  CorsSpec cors;
  std::vector<std::string> hosts;  ///< without keys: names that are accepted in Host, besides its own
  std::uint32_t loops = 0;         ///< event loops, one thread each; 0: one per core
  bool unauthenticated = false;    ///< `unauthenticated: allow`: serve a non-loopback address without keys
};

/// Who may change something at the admin address.
struct AdminKeySpec {
  std::string name;
  std::array<std::uint8_t, 32> sha256{};
};

struct AdminSpec {
  Address address{"127.0.0.1", 9090};
  std::vector<std::string> hosts;  ///< Host names that are answered, besides the listener's own address and localhost
  std::optional<AdminKeySpec> key = {};  ///< absent: whoever reaches the address may
};

/// Bounds on what a client can make the gateway hold. A metric for each counts how often it was hit.
struct LimitsSpec {
  ByteSize head{16 * 1024};  ///< the request target, and all fields together, each
  std::uint32_t head_fields = 100;
  milliseconds head_timeout{10'000};            ///< from the first byte of a head to its end, however slowly it comes
  ByteSize body{20ULL * 1024 * 1024};           ///< a body held in memory
  ByteSize upload{512ULL * 1024 * 1024};        ///< a body passed through unread
  std::uint32_t body_depth = 64;                ///< nesting of JSON
  milliseconds body_idle{30'000};               ///< between two pieces of a body
  ByteSize body_rate{1024};                     ///< per second, on average, of a body that takes longer than body_idle
  milliseconds body_timeout{600'000};           ///< total wait for one body
  ByteSize bodies_total{512ULL * 1024 * 1024};  ///< all bodies held in memory, complete or not
  /// Of connections and of bodies_total, for the bodies of one key among several, and of web_sockets.
  double key_share = 0.5;
  ByteSize linger{64ULL * 1024 * 1024};  ///< rest of a body that was answered early: read and dropped
  milliseconds linger_timeout{30'000};   ///< the same, as a time
  milliseconds keep_alive_idle{60'000};  ///< between two requests on a connection
  milliseconds write_stall{30'000};      ///< one write to a client that does not read
  std::uint32_t connections = 16'384;    ///< open client connections, on all loops together
  std::uint32_t requests_in_flight = 4'096;
  std::uint32_t web_sockets = 1'024;                 ///< open WebSockets of clients, on all loops together
  ByteSize web_socket_message{16ULL * 1024 * 1024};  ///< one message of either side of a WebSocket
  milliseconds web_socket_idle{600'000};             ///< a WebSocket without a message either way
  ByteSize reply{64ULL * 1024 * 1024};               ///< a whole reply held in memory
  ByteSize event{8ULL * 1024 * 1024};                ///< one SSE event from a provider
  ByteSize held{4ULL * 1024 * 1024};                 ///< an answer held back until it is verified
  ByteSize held_total{256ULL * 1024 * 1024};         ///< all held answers together
  std::uint32_t sessions = 65'536;                   ///< conversations whose tier is remembered
  std::uint32_t shadows = 64;                ///< answers and grades awaited that no client waits for, on all loops
  std::uint32_t graders = 2;                 ///< programs of graders that run at once
  std::uint32_t scores = 256;                ///< scores by local models that wait for a thread, on all loops together
  std::uint32_t askers = 16'384;             ///< users whose last questions are remembered
  ByteSize signatures{64ULL * 1024 * 1024};  ///< what chat clients would lose of answers, kept to be put back
  milliseconds signatures_age{3'600'000};
  std::uint32_t recent_requests = 16'384;  ///< remembered in case feedback comes before the database has them
  std::uint32_t feedback = 256;            ///< calls of POST /v1/feedback that wait for the ledger, on all loops
  std::uint32_t key_metrics = 100;         ///< keys with metrics of their own; the others share one
  milliseconds silence{15'000};            ///< after this long, the client is sent an SSE comment
  milliseconds drain{10'000};              ///< how long a stopping gateway lets requests finish
};

/// What a client may decide by a header x-triage-NAME.
enum class KeyPower : std::uint8_t { tier, timeout, cascade, session };
template <>
inline constexpr std::array<std::string_view, 4> words<KeyPower>{"tier", "timeout", "cascade", "session"};

struct KeySpec {
  std::string name;
  std::array<std::uint8_t, 32> sha256{};
  std::vector<std::string> routes;           ///< empty: all routes, and deployments by name
  std::optional<std::vector<KeyPower>> may;  ///< absent: all of them
};
bool may_set(const KeySpec* key, KeyPower power) noexcept;  ///< without a key: true

/// What a deployment can do.
enum class Capability : std::uint8_t { tools, images, audio, json_schema, logprobs, prefill };
template <>
inline constexpr std::array<std::string_view, 6> words<Capability>{"tools",       "images",   "audio",
                                                                   "json_schema", "logprobs", "prefill"};

/// What the gateway asks for although the client does not: usage of streams; log-probabilities, and an instruction as a
/// system message, for verifiers; in its own questions how they are to be answered. Members are named as in a request.
enum class Addition : std::uint8_t { stream_options, logprobs, instruction, temperature, max_tokens, response_format };
template <>
inline constexpr std::array<std::string_view, 6> words<Addition>{"stream_options", "logprobs",   "instruction",
                                                                 "temperature",    "max_tokens", "response_format"};

/// Some of them, one bit each.
using Additions = std::uint32_t;
constexpr Additions bit(Addition addition) noexcept {
  return 1U << static_cast<unsigned>(addition);
}

/// How a model is asked to think: not at all, by a number of tokens, as it likes with a word for the effort, or at a
/// level (Gemini).
enum class Thinking : std::uint8_t { none, budget, adaptive, level };
template <>
inline constexpr std::array<std::string_view, 4> words<Thinking>{"none", "budget", "adaptive", "level"};

/// Where a deployment's price comes from.
enum class PriceSource : std::uint8_t { unknown, own, table };

/// A deployment. What the YAML leaves out comes from the price table on loading: context window, capabilities, price.
struct Deployment {
  std::string name;
  std::string provider;
  std::string model;                                ///< the provider's id of the model; default: the deployment's name
  std::optional<std::int64_t> context_window = {};  ///< tokens; absent: unknown
  std::optional<std::vector<Capability>> capabilities = {};  ///< absent: unknown
  std::optional<std::int64_t> max_output = {};               ///< tokens; absent: unknown
  std::optional<Thinking> thinking = {};                     ///< absent: budget
  std::optional<bool> sampling = {};                         ///< takes temperature, top_p and top_k; absent: yes
  WireForm form = WireForm::openai;                          ///< not a key: its provider's dialect, set on loading
  bool responses = false;                           ///< nor this: it is asked in the Responses API, too, unless...
  const std::atomic<bool>* no_responses = nullptr;  ///< ...this says that its provider has none; null: it has
  std::vector<Addition> refuses = {};               ///< not added to its requests
  std::string publisher = {};                       ///< whose model it is on Vertex; empty: google
  Quirks quirks = {};
  Price price = {};
  PriceSource price_source = PriceSource::unknown;
  std::string price_key = {};  ///< the price table's name of the model; empty: not in the table
};

/// Whether it is asked in the words of a client that speaks `form`: then requests and answers are passed on.
inline bool speaks(const Deployment& deployment, WireForm form) noexcept {
  const auto& missing = deployment.no_responses;
  return deployment.form == form || (form == WireForm::responses && deployment.responses &&
                                     (missing == nullptr || !missing->load(std::memory_order_relaxed)));
}

struct PricesSpec {
  std::string file;  ///< empty: the built-in table
};

/// Which prices are in force.
struct PriceVersion {
  std::string table;  ///< the file, or "built in"
  std::string date;   ///< of the table, YYYY-MM-DD; empty: undated
  std::string id;     ///< DATE-XXXXXXXX, a hash over all deployments' prices; "undated-..." without a date
};

/// A whole answer's first byte comes when all of it is made, so `first_byte` bounds it only where it is written.
struct TimeoutsSpec {
  milliseconds connect{2'000};
  std::optional<milliseconds> first_byte = {};  ///< absent: 30 s for streams
  std::optional<milliseconds> whole = {};       ///< a whole answer's first byte; absent: `first_byte`, else `total`
  milliseconds first_event{300'000};            ///< of a stream, from its head
  milliseconds idle{30'000};
  milliseconds total{600'000};
};

/// What a route does when an attempt fails. Fallbacks to other deployments do not count as retries.
struct RetrySpec {
  std::uint32_t attempts = 2;  ///< on one deployment, the first included
  double budget = 0.2;         ///< retries per request, over the route's last ten seconds
  std::uint32_t budget_min = 3;
  milliseconds backoff{100};  ///< bound on the first pause, doubled for each next; a pause is uniform below it
  milliseconds backoff_max{2'000};
  milliseconds wait{0};           ///< a rest that a provider asks for is waited for before another is asked
  milliseconds wait_max{10'000};  ///< the same where nobody else can be asked
};

/// A second call, to another deployment, when the first has been silent for unusually long. (Dean & Barroso, "The Tail
/// at Scale", 2013.)
struct HedgeSpec {
  double quantile = 0.95;               ///< of the deployment's own recent times to the first byte
  milliseconds delay_min{50};           ///< lower bound of the delay
  std::optional<milliseconds> after{};  ///< the delay while too few times are known; absent: no second call then
  double budget = 0.1;                  ///< second calls per request, over the route's last ten seconds
};

/// When a deployment is ejected for failing, and for how long.
struct BreakerSpec {
  std::uint32_t consecutive = 5;  ///< failures in a row
  double rate = 0.5;              ///< failures per call within `window`, given at least `calls_min` calls
  std::uint32_t calls_min = 20;
  milliseconds window{30'000};
  milliseconds eject{2'000};  ///< doubled at each ejection, until a success
  milliseconds eject_max{20'000};
  milliseconds rest_max{300'000};  ///< of a rest that a provider asks for
};

/// How much of a request's and an answer's text the ledger keeps.
enum class RecordContent : std::uint8_t { off, hashed, redacted, full };
template <>
inline constexpr std::array<std::string_view, 4> words<RecordContent>{"off", "hashed", "redacted", "full"};

struct RecordSpec {
  RecordContent content = RecordContent::off;
  ByteSize text_max{16 * 1024};       ///< bound on a prompt and on an answer; the rest is cut off
  std::vector<std::string> patterns;  ///< RE2; for `redacted`, besides the built-in ones
  Secret key;                         ///< for `hashed`
};

struct MatchSpec {
  std::vector<std::string> models;  ///< globs over the requested model
  std::vector<std::string> paths;   ///< globs over the path; empty: chat/completions, completions, embeddings, messages
  std::vector<std::pair<std::string, std::string>> headers;   ///< name -> glob over the value; all must match
  std::vector<std::string> keys;                              ///< names of gateway keys, one of which was presented
  std::vector<std::pair<std::string, std::string>> metadata;  ///< like headers, over the request's `metadata`
};

struct TierMember {
  std::string deployment;
  std::uint32_t weight = 1;  ///< 0: asked only when the others cannot answer
};

/// How the deployments of a tier share its requests: by their weights, or all go to the first that can answer.
enum class TierOrder : std::uint8_t { weighted, listed };
template <>
inline constexpr std::array<std::string_view, 2> words<TierOrder>{"weighted", "listed"};

/// Which tiers are asked when nobody in the chosen one can answer: those above it, or in the end those below it, too.
enum class FallbackTiers : std::uint8_t { stronger, any };
template <>
inline constexpr std::array<std::string_view, 2> words<FallbackTiers>{"stronger", "any"};

/// What happens when a provider cuts a stream off after the client has its beginning: docs/cascade.md.
enum class RescueMode : std::uint8_t { off, splice, prefill };
template <>
inline constexpr std::array<std::string_view, 3> words<RescueMode>{"off", "splice", "prefill"};

struct RouteSpec {
  std::string name;
  std::optional<Arm> arm;  ///< not a key: the arm of this route's experiment that it is; absent: the route itself
  MatchSpec match;
  std::vector<std::pair<std::string, std::vector<TierMember>>> tiers;  ///< as written
  TierOrder order = TierOrder::weighted;
  FallbackTiers fallback = FallbackTiers::stronger;
  std::vector<RouterSpec> routers;  ///< empty: fixed to the route's highest tier
  TimeoutsSpec timeouts;
  RetrySpec retry;
  std::optional<HedgeSpec> hedge;
  RecordSpec record;
  bool latch = false;            ///< a conversation that was escalated keeps at least its tier until the next user turn
  milliseconds sticky{300'000};  ///< how long after an answer a conversation keeps at least its tier; 0: it keeps none
  RescueMode rescue = RescueMode::off;
  std::optional<CascadeSpec> cascade;
  std::optional<PairSpec> ensemble;
  std::optional<PairSpec> shadow;
  std::optional<QualitySpec> quality;
  std::optional<ExperimentSpec> experiment;
};

/// An arm of an experiment: a whole route, with the name of its own. What its author has not written is its route's; it
/// has no `match` and no experiment.
struct ArmSpec : RouteSpec {};

/// When journal records are forced to disk: when the OS likes, every `sync_every`, or before each answer ends.
enum class LedgerSync : std::uint8_t { os, interval, each };
template <>
inline constexpr std::array<std::string_view, 3> words<LedgerSync>{"os", "interval", "each"};

/// Where request records are kept, and how safely. docs/ledger.md says what each setting promises.
struct LedgerSpec {
  std::string dir;
  LedgerSync sync = LedgerSync::interval;
  milliseconds sync_every{1'000};  ///< for `interval`
  milliseconds retain{30LL * 24 * 3600 * 1000};
  ByteSize retain_bytes{10ULL * 1024 * 1024 * 1024};  ///< of the journal
  ByteSize spool{8ULL * 1024 * 1024};                 ///< records waiting for the journal
  ByteSize segment{64ULL * 1024 * 1024};              ///< of one journal file
  bool operator==(const LedgerSpec&) const = default;
};

enum class LogFormat : std::uint8_t { text, json };
template <>
inline constexpr std::array<std::string_view, 2> words<LogFormat>{"text", "json"};

/// What is written to stderr. Lines beyond the bounds are counted.
struct LogSpec {
  LogFormat format = LogFormat::text;
  std::uint32_t requests_per_second = 100;  ///< lines about requests that succeeded, on all loops together
  std::uint32_t errors_per_second = 100;    ///< lines about requests and attempts that failed, on all loops together
};

struct ConfigSpec {
  ListenSpec listen;
  AdminSpec admin;
  LimitsSpec limits;
  LogSpec log;
  std::optional<OtlpSpec> opentelemetry;
  milliseconds dns_ttl{30'000};
  bool proxy_from_environment = false;  ///< HTTPS_PROXY and its like count for providers without a proxy
  BreakerSpec breaker;
  std::optional<LedgerSpec> ledger;
  std::vector<KeySpec> keys;  ///< those of keys_file behind those that are listed
  std::string keys_file;
  std::vector<Provider> providers;
  std::vector<Deployment> deployments;
  std::vector<std::pair<std::string, std::string>> aliases;  ///< alias -> deployment
  std::vector<std::string> tiers;                            ///< cheapest first
  std::vector<std::string> specialists;
  std::vector<RouteSpec> routes;  ///< first match wins
  PricesSpec prices;
  PriceVersion price_version;  ///< not a key: computed on loading
};

}  // namespace triage
