#pragma once
// The configuration as plain values: what the YAML says, after defaults. src/config reads it (one description of every
// key serves parser, validation and documentation) and checks it; nobody changes it afterwards. Names and units as in
// the YAML, docs/configuration.md lists every key.

#include "triage/cascade_spec.hpp"
#include "triage/pair_spec.hpp"
#include "triage/price.hpp"
#include "triage/router_spec.hpp"
#include "triage/tls_spec.hpp"
#include "triage/units.hpp"
#include "triage/words.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// A value that must not be seen: streams and dumps print `***`. Only the code that sends it calls reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

 private:
  std::string value_;
};
std::ostream& operator<<(std::ostream& out, const Secret& secret);

/// host:port of a socket. `[::1]:8080` for IPv6; port 0 lets the kernel choose.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

/// http(s)://host[:port][/path], without user, query and fragment. `path` has no trailing slash.
struct Url {
  bool tls = false;
  std::string host;  ///< IPv6 without brackets
  std::uint16_t port = 80;
  std::string path;
  bool operator==(const Url&) const = default;
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
  std::uint32_t loops = 0;       ///< event loops, one thread each; 0: one a core
  bool unauthenticated = false;  ///< `unauthenticated: allow`: serve a non-loopback address without keys
};

struct AdminSpec {
  Address address{"127.0.0.1", 9090};
  std::vector<std::string> hosts;  ///< names in Host that are answered, beside its own address and localhost
};

/// Bounds on what a client can make the gateway hold. Each has a metric that counts how often it was hit.
struct LimitsSpec {
  ByteSize head{16 * 1024};  ///< request target, and all fields together, each
  std::uint32_t head_fields = 100;
  milliseconds head_timeout{10'000};            ///< first byte of a head to its end, however it drips
  ByteSize body{20ULL * 1024 * 1024};           ///< a body that is held in memory
  ByteSize upload{512ULL * 1024 * 1024};        ///< a body that passes through unread
  std::uint32_t body_depth = 64;                ///< nesting of JSON
  milliseconds body_idle{30'000};               ///< between two pieces of a body
  ByteSize body_rate{1024};                     ///< a second, on average, of what is waited for longer than body_idle
  milliseconds body_timeout{600'000};           ///< the waiting for a whole body
  ByteSize bodies_total{512ULL * 1024 * 1024};  ///< all bodies that are held in memory, whole or not
  ByteSize linger{64ULL * 1024 * 1024};         ///< of a body that was answered early: read and dropped
  milliseconds linger_timeout{30'000};          ///< the same, in time
  milliseconds keep_alive_idle{60'000};         ///< between two requests
  milliseconds write_stall{30'000};             ///< one write to a client that does not read
  std::uint32_t connections = 16'384;           ///< open client connections, over all loops
  std::uint32_t requests_in_flight = 4'096;
  ByteSize reply{64ULL * 1024 * 1024};        ///< a whole reply that is held in memory
  ByteSize event{8ULL * 1024 * 1024};         ///< one SSE event from a provider
  ByteSize held{4ULL * 1024 * 1024};          ///< an answer that is held back until it is verified
  ByteSize held_total{256ULL * 1024 * 1024};  ///< all of them
  std::uint32_t sessions = 65'536;            ///< conversations whose tier is remembered
  std::uint32_t shadows = 64;                 ///< answers for comparison that are awaited at once, over all loops
  std::uint32_t scores = 256;                 ///< scores by local models that wait for a thread, over all loops
  milliseconds silence{15'000};               ///< an SSE comment is sent to the client after so much of it
  milliseconds drain{10'000};                 ///< grace for requests in flight when the gateway stops
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
bool may_set(const KeySpec* key, KeyPower power) noexcept;  ///< without any key: true

/// How connections to one provider are kept.
struct PoolSpec {
  std::uint32_t idle_max = 64;    ///< idle connections kept, per loop
  milliseconds idle_age{30'000};  ///< older ones are closed; below the provider's own limit
  milliseconds age{300'000};      ///< since it was opened; an older one takes no other call, however busy
  bool operator==(const PoolSpec&) const = default;
};

struct Provider {
  std::string name;
  std::string dialect;  ///< one of dialect_names()
  Url base_url;
  Secret api_key;
  std::string organization;                             ///< OpenAI-Organization
  std::string project;                                  ///< OpenAI-Project
  std::vector<std::pair<std::string, Secret>> headers;  ///< added to every call
  std::string ca_file;                                  ///< PEM bundle to trust instead of the system's
  std::optional<Url> proxy;                             ///< HTTP CONNECT
  PoolSpec pool;
};

/// What a deployment may be able to do.
enum class Capability : std::uint8_t { tools, images, audio, json_schema, logprobs, prefill };
template <>
inline constexpr std::array<std::string_view, 6> words<Capability>{"tools",       "images",   "audio",
                                                                   "json_schema", "logprobs", "prefill"};

/// Where a deployment's price comes from.
enum class PriceSource : std::uint8_t { unknown, own, table };

/// After loading, what the YAML leaves out is what the price table has: context window, capabilities, price.
struct Deployment {
  std::string name;
  std::string provider;
  std::string model;                                ///< the provider's id of it; default: the deployment's name
  std::optional<std::int64_t> context_window = {};  ///< tokens; unknown if absent
  std::optional<std::vector<Capability>> capabilities = {};  ///< absent: not known
  Price price = {};
  PriceSource price_source = PriceSource::unknown;
  std::string price_key = {};  ///< what the price table lists the model under; empty: not at all
};

struct PricesSpec {
  std::string file;  ///< empty: the table that is built in
};

/// Which prices are in force.
struct PriceVersion {
  std::string table;  ///< the file, or "built in"
  std::string date;   ///< of the table, YYYY-MM-DD; empty: it has none
  std::string id;     ///< DATE-XXXXXXXX: of the hash over all deployments' prices; "undated-..." without a date
};

struct TimeoutsSpec {
  milliseconds connect{2'000};
  milliseconds first_byte{30'000};
  milliseconds idle{30'000};
  milliseconds total{300'000};
};

/// What a route does when an attempt fails. Fallbacks to other deployments are not retries.
struct RetrySpec {
  std::uint32_t attempts = 2;  ///< of one deployment, the first included
  double budget = 0.2;         ///< retries per request, over the route's last ten seconds
  std::uint32_t budget_min = 3;
  milliseconds backoff{100};  ///< ceiling of the first pause; doubles; the pause is uniform below it
  milliseconds backoff_max{2'000};
};

/// A second call, to another deployment, when the first has been silent for longer than it usually is. (Dean & Barroso,
/// "The Tail at Scale", 2013.)
struct HedgeSpec {
  double quantile = 0.95;               ///< of the deployment's own times to the first byte, of late
  milliseconds delay_min{50};           ///< never sooner
  std::optional<milliseconds> after{};  ///< as long as too few times are known; absent: no second call then
  double budget = 0.1;                  ///< second calls per request, over the route's last ten seconds
};

/// When a deployment is ejected for failing, and for how long.
struct BreakerSpec {
  std::uint32_t consecutive = 5;  ///< failures in a row
  double rate = 0.5;              ///< failures per call within `window`, from `calls_min` calls on
  std::uint32_t calls_min = 20;
  milliseconds window{30'000};
  milliseconds eject{2'000};  ///< doubles with each ejection without a success in between
  milliseconds eject_max{20'000};
};

/// How much of a request's and an answer's texts the ledger keeps.
enum class RecordContent : std::uint8_t { off, hashed, redacted, full };
template <>
inline constexpr std::array<std::string_view, 4> words<RecordContent>{"off", "hashed", "redacted", "full"};

struct RecordSpec {
  RecordContent content = RecordContent::off;
  ByteSize text_max{16 * 1024};       ///< of a prompt, and of an answer; the rest is cut off
  std::vector<std::string> patterns;  ///< RE2; for `redacted`, besides the built-in ones
  Secret key;                         ///< for `hashed`
};

struct MatchSpec {
  std::vector<std::string> models;  ///< globs over the requested model
  std::vector<std::string> paths;   ///< globs over the path; empty: chat/completions, completions, embeddings
  std::vector<std::pair<std::string, std::string>> headers;   ///< name -> glob over the value; all must fit
  std::vector<std::string> keys;                              ///< names of gateway keys, one of which was presented
  std::vector<std::pair<std::string, std::string>> metadata;  ///< as headers, over the request's `metadata`
};

struct TierMember {
  std::string deployment;
  std::uint32_t weight = 1;
};

/// What is done about a stream that a provider cuts off after the client has its beginning: docs/cascade.md.
enum class RescueMode : std::uint8_t { off, splice, prefill };
template <>
inline constexpr std::array<std::string_view, 3> words<RescueMode>{"off", "splice", "prefill"};

struct RouteSpec {
  std::string name;
  MatchSpec match;
  std::vector<std::pair<std::string, std::vector<TierMember>>> tiers;  ///< as written
  std::vector<RouterSpec> routers;                                     ///< empty: fixed to the route's highest tier
  TimeoutsSpec timeouts;
  RetrySpec retry;
  std::optional<HedgeSpec> hedge;
  RecordSpec record;
  milliseconds sticky{300'000};  ///< a conversation's tier does not fall so long after its last answer; 0: it may
  RescueMode rescue = RescueMode::off;
  std::optional<CascadeSpec> cascade;
  std::optional<PairSpec> ensemble;
  std::optional<PairSpec> shadow;
};

/// What the journal's records wait for.
enum class LedgerSync : std::uint8_t { os, interval, each };
template <>
inline constexpr std::array<std::string_view, 3> words<LedgerSync>{"os", "interval", "each"};

/// Where records of requests are kept, and how safely. docs/ledger.md says what each promises.
struct LedgerSpec {
  std::string dir;
  LedgerSync sync = LedgerSync::interval;
  milliseconds sync_every{1'000};  ///< for `interval`
  milliseconds retain{30LL * 24 * 3600 * 1000};
  ByteSize retain_bytes{10ULL * 1024 * 1024 * 1024};  ///< of the journal
  ByteSize spool{8ULL * 1024 * 1024};                 ///< records that wait for the journal
  ByteSize segment{64ULL * 1024 * 1024};              ///< of one journal file
  bool operator==(const LedgerSpec&) const = default;
};

enum class LogFormat : std::uint8_t { text, json };
template <>
inline constexpr std::array<std::string_view, 2> words<LogFormat>{"text", "json"};

/// What is written to stderr. What the bounds leave out is counted.
struct LogSpec {
  LogFormat format = LogFormat::text;
  std::uint32_t requests_per_second = 100;  ///< lines about requests that went well, over all loops
  std::uint32_t errors_per_second = 100;    ///< the same about requests that did not, and about attempts that failed
};

struct ConfigSpec {
  ListenSpec listen;
  AdminSpec admin;
  LimitsSpec limits;
  LogSpec log;
  milliseconds dns_ttl{30'000};
  BreakerSpec breaker;
  std::optional<LedgerSpec> ledger;
  std::vector<KeySpec> keys;
  std::vector<Provider> providers;
  std::vector<Deployment> deployments;
  std::vector<std::pair<std::string, std::string>> aliases;  ///< alias -> deployment
  std::vector<std::string> tiers;                            ///< cheapest first
  std::vector<std::string> specialists;
  std::vector<RouteSpec> routes;  ///< first match wins
  PricesSpec prices;
  PriceVersion price_version;  ///< not a key: worked out when loading
};

}  // namespace triage
