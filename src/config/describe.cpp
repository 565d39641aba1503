// The keys of the top level, of servers and clients, providers and deployments.
#include "config/describe.hpp"

#include "config/quirk_table.hpp"
#include "options/type_of.hpp"

namespace triage {

using options::Describer;
using options::gib;
using options::Key;
using options::kib;
using options::mib;
using options::million;

void describe(Describer& v, TlsSpec& s) {
  v.field({.name = "cert",
           .text = "PEM file of the chain, leaf first; read again when it changes",
           .required = true,
           .check = check_filled},
          s.cert);
  v.field({.name = "key", .text = "PEM file of the private key", .required = true, .check = check_filled}, s.key);
  v.field({.name = "min_version", .text = "the oldest TLS that is spoken"}, s.min_version);
  v.field({.name = "ciphers",
           .text = "of TLS 1.2, as OpenSSL lists them",
           .shown_default = "ECDHE with AES-GCM or ChaCha20 (RFC 9325)",
           .check = check_filled},
          s.ciphers);
}

void describe(Describer& v, CorsSpec& s) {
  v.field({.name = "origins",
           .text = "origins whose pages may call, or `*`; none: no CORS headers at all",
           .check = check_origin},
          s.origins);
  v.field({.name = "headers",
           .text = "request headers that pages may send; none: whatever the preflight asks for",
           .check = check_field_name},
          s.headers);
  v.field({.name = "max_age", .text = "how long a browser may remember the preflight's answer"}, s.max_age);
}

void describe(Describer& v, ListenSpec& s) {
  v.field({.name = "address", .text = "where clients connect; port 0 lets the kernel choose"}, s.address);
  v.field({.name = "tls", .text = "serve HTTPS (TLS 1.2 or newer)", .shown_default = "plain HTTP"}, s.tls);
  v.field({.name = "cors", .text = "what browsers may do"}, s.cors);
  v.field(
      {.name = "hosts",
       .text = "where there are no `keys`: names that it answers to in `Host` and `Origin`, beside its own address, "
               "`localhost` and names that are only known locally",
       .check = check_host},
      s.hosts);
  v.field({.name = "loops", .text = "event loops, one thread each", .shown_default = "0: one a core", .most = 1024},
          s.loops);
  v.keyword({.name = "unauthenticated",
             .text = "serve an address that is not loopback without any `keys`",
             .shown_default = "refused"},
            s.unauthenticated, "allow");
}

void describe(Describer& v, AdminKeySpec& s) {
  v.field({.name = "name", .text = "who it is: shown in the ledger's decisions", .required = true, .check = check_name},
          s.name);
  v.field({.name = "sha256", .text = "hash of the key, from `triage key new`", .required = true}, s.sha256);
}

void describe(Describer& v, AdminSpec& s) {
  v.field({.name = "address",
           .text = "where /metrics, /health/* and the admin API are served; without `key` it asks for none"},
          s.address);
  v.field({.name = "hosts",
           .text = "names that it answers to in `Host`, beside its own address and `localhost`",
           .check = check_host},
          s.hosts);
  v.field({.name = "key",
           .text = "that a POST needs, as `Authorization: Bearer KEY`",
           .shown_default = "whoever reaches the address may send one"},
          s.key);
}

// A bound whose hits are counted. Zero would make no sense.
static Key bound(std::string_view name, std::string_view text, std::int64_t least = 1,
                 std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  return {.name = name, .text = text, .least = least, .most = most, .counted = true};
}

// What is remembered of requests that have ended.
static void describe_remembered(Describer& v, LimitsSpec& s) {
  v.field({.name = "key_metrics",
           .text = "keys whose requests, tokens and cost have metrics of their own; those of all others, and of a key "
                   "that is called `other`, are summed as `other`",
           .most = 10'000},
          s.key_metrics);
  v.field(bound("sessions", "conversations whose tier is remembered (`sticky`), and responses whose provider is", 1,
                10 * million),
          s.sessions);
  v.field(bound("signatures", "what models signed and clients may not send back, kept to be put back: docs/origins.md",
                64 * kib, 64 * gib),
          s.signatures);
  v.field({.name = "signatures_age", .text = "how long it is kept after it was made or last asked for", .least = 1},
          s.signatures_age);
  v.field(bound("askers", "users whose last questions are remembered, to see that one is asked again", 1, 10 * million),
          s.askers);
  v.field(bound("recent_requests", "requests that are remembered in case feedback comes at once, over all loops", 1,
                10 * million),
          s.recent_requests);
}

static void describe_web_sockets(Describer& v, LimitsSpec& s) {
  v.field(bound("web_sockets", "WebSockets of clients, over all loops; beyond it 503", 1, 10 * million), s.web_sockets);
  v.field(bound("web_socket_message",
                "one message on a WebSocket, of either side; whoever sends a larger one is disconnected", kib, 4 * gib),
          s.web_socket_message);
  v.field(bound("web_socket_idle", "a WebSocket on which neither side sends a message; then it is closed"),
          s.web_socket_idle);
}

void describe(Describer& v, LimitsSpec& s) {
  v.field(bound("head", "the request target, and all header fields together, each", kib, mib), s.head);
  v.field(bound("head_fields", "header fields of a request", 1, 10'000), s.head_fields);
  v.field(bound("head_timeout", "from the first byte of a head to its end, however slowly it drips"), s.head_timeout);
  v.field(bound("body",
                "a request body that is held in memory (the APIs that Triage reads, and what of others names a model)",
                1, 4 * gib),
          s.body);
  v.field(bound("upload", "a request body that passes through unread (files, audio, batches)"), s.upload);
  v.field(bound("body_depth", "nesting of a request's JSON", 1, 1024), s.body_depth);
  v.field(bound("body_idle", "between two pieces of a request body"), s.body_idle);
  v.field(
      bound("body_rate", "bytes a second, on average, of a request body that is waited for longer than `body_idle`"),
      s.body_rate);
  v.field(bound("body_timeout", "the time that is spent waiting for a whole request body"), s.body_timeout);
  v.field(
      bound("bodies_total", "all request bodies over 32KiB that are held in memory; beyond it 503", mib, 1024 * gib),
      s.bodies_total);
  v.field(bound("key_share",
                "where there are several keys: the share of one of them of `connections`, while its bodies come, of "
                "`bodies_total` and of `web_sockets`; beyond it 503",
                0, 1),
          s.key_share);
  v.field(bound("linger", "what is read and dropped of a body that was answered before its end"), s.linger);
  v.field(bound("linger_timeout", "how long"), s.linger_timeout);
  v.field(bound("keep_alive_idle", "between two requests of a connection; then it is closed"), s.keep_alive_idle);
  v.field(bound("write_stall", "one write to a client that does not read; then its connection is cut"), s.write_stall);
  v.field(
      bound("connections", "open client connections, over all loops; beyond it one that only waits makes way, or 503",
            1, 10 * million),
      s.connections);
  v.field(bound("requests_in_flight",
                "requests that have come whole and are being answered, over all loops; beyond it 503", 1, 10 * million),
          s.requests_in_flight);
  describe_web_sockets(v, s);
  v.field(bound("reply", "a provider's whole answer that is held in memory", 1, 4 * gib), s.reply);
  v.field(bound("event", "one event of a provider's stream", kib, 4 * gib), s.event);
  v.field(bound("held", "an answer that a cascade holds back; a larger one counts as rejected", kib, 4 * gib), s.held);
  v.field(bound("held_total", "all answers that cascades hold back; with no room left the next tier is asked at once",
                mib, 64 * gib),
          s.held_total);
  describe_remembered(v, s);
  v.field(bound("shadows", "answers for comparison (`shadow`) and grades that are awaited at once, over all loops", 1,
                million),
          s.shadows);
  v.field({.name = "graders",
           .text = "programs of graders that run at once; takes effect at the start",
           .least = 1,
           .most = 64},
          s.graders);
  v.field(bound("scores", "scores by models in this process that wait for a thread, over all loops", 1, million),
          s.scores);
  v.field(bound("feedback", "calls of POST /v1/feedback that wait for the ledger, over all loops; beyond it 503", 1,
                million),
          s.feedback);
  v.field({.name = "silence", .text = "an SSE comment keeps a stream's client alive after so much of it", .least = 100},
          s.silence);
  v.field({.name = "drain", .text = "grace for requests in flight when the gateway stops; 0s: none"}, s.drain);
}

void describe(Describer& v, KeySpec& s) {
  v.field({.name = "name", .text = "who calls: shown in logs and the ledger", .required = true, .check = check_name},
          s.name);
  v.field({.name = "sha256", .text = "hash of the key, from `triage key new`", .required = true}, s.sha256);
  v.field(
      {.name = "routes", .text = "routes that the key may use", .shown_default = "all routes, and deployments by name"},
      s.routes);
  v.field({.name = "may",
           .text = "what a request with it may decide by a header that is called `x-triage-` and the word",
           .shown_default = "all of them"},
          s.may);
}

void describe(Describer& v, PoolSpec& s) {
  v.field({.name = "idle_max", .text = "idle connections kept, per loop", .most = 65'535}, s.idle_max);
  v.field({.name = "idle_age", .text = "older ones are closed: keep it below the provider's own limit", .least = 1},
          s.idle_age);
  v.field({.name = "age",
           .text = "a connection that was opened longer ago takes no other call, so that a change of the provider's "
                   "address is followed",
           .least = 1},
          s.age);
}

void describe(Describer& v, Provider& s) {
  v.field({.name = "dialect",
           .text = "the API that it speaks; a server in the table of quirks means `openai` with its quirks",
           .shown_default = "openai",
           .check = check_filled,
           .words = config::dialects_and_servers},
          s.dialect);
  v.field(
      {.name = "base_url",
       .text =
           "what comes before /chat/completions; for `anthropic` before /messages, with /v1 or without; for `azure` "
           "the resource's",
       .shown_default = "that of `anthropic` and `gemini`, of the `region` for `bedrock`, of the `location` for "
                        "`vertex`; all others need one"},
      s.base_url);
  v.field({.name = "api_key",
           .text = "sent as `Authorization: Bearer`; as `x-api-key` to `anthropic`, `api-key` to `azure`, "
                   "`x-goog-api-key` to `gemini` and `vertex`",
           .shown_default = "none",
           .check = check_credential},
          s.api_key);
  describe_keys(v, s);
  v.field({.name = "organization",
           .text = "sent as `OpenAI-Organization`",
           .shown_default = "none",
           .check = check_credential},
          s.organization);
  v.field({.name = "responses",
           .text = "whether a server of `openai` or `azure` has the Responses API, too, for clients that speak it",
           .shown_default = "true at OpenAI; elsewhere it is tried"},
          s.responses);
  v.field({.name = "project",
           .text = "sent as `OpenAI-Project`; for `vertex` the project that pays",
           .shown_default = "none",
           .check = check_credential},
          s.project);
  describe_cloud(v, s);
  v.field({.name = "headers",
           .text = "added to every call; values are kept secret",
           .check = check_field_value,
           .check_key = check_field_name,
           .entry = "header"},
          s.headers);
  v.field({.name = "forward",
           .text = "names of header fields that are passed on from the client, besides the usual ones; `*` stands for "
                   "any text",
           .shown_default = "none",
           .check = check_filled,
           .entry = "header"},
          s.forward);
  describe_reach(v, s);
  v.field({.name = "pool", .text = "how connections to it are kept"}, s.pool);
  v.field({.name = "quirks", .text = "what all its models take otherwise than the dialect says: docs/quirks.md"},
          s.quirks);
}

void describe(Describer& v, Deployment& s) {
  v.field({.name = "provider", .text = "name of the provider that runs it", .required = true}, s.provider);
  v.field({.name = "model",
           .text = "the provider's id of the model",
           .shown_default = "the deployment's own name",
           .check = check_field_value},
          s.model);
  v.field({.name = "publisher",
           .text = "for `vertex`: whose model it is: `google`, `anthropic`, or another whose models are asked in chat "
                   "completions",
           .shown_default = "what stands before a slash in `model`, or as the table of quirks says; else google",
           .check = check_host},
          s.publisher);
  v.field({.name = "context_window",
           .text = "tokens that fit, prompt and answer; requests that do not fit go elsewhere",
           .shown_default = "the price table's",
           .least = 1,
           .most = 1000 * million},
          s.context_window);
  v.field(
      {.name = "max_output",
       .text = "tokens that an answer may have at most; where a dialect needs a limit and the client sets none, it is "
               "this one",
       .shown_default = "the price table's; else 8192 where one is needed",
       .least = 1,
       .most = 1000 * million},
      s.max_output);
  v.field(
      {.name = "thinking",
       .text = "how the model is asked to think where a request in another dialect than the provider's asks for it: "
               "`adaptive` with a word for the effort, `budget` with a number of tokens (`anthropic`) or not at all "
               "(`openai`)",
       .shown_default = "the price table's; else `budget`"},
      s.thinking);
  v.field(
      {.name = "sampling",
       .text = "whether the model takes `temperature`, `top_p` and `top_k`; else they are left out of requests that "
               "are translated",
       .shown_default = "the price table's; else `true`"},
      s.sampling);
  v.field({.name = "capabilities",
           .text = "what it can do; requests that need more go elsewhere",
           .shown_default =
               "the price table's; else unknown: asked only if no other deployment of the route says that it can"},
          s.capabilities);
  v.field(
      {.name = "refuses",
       .text =
           "what Triage must not add to its requests: the usage of streams (`stream_options`), verifiers' `logprobs` "
           "and `instruction` (a system message), parameters of its own questions. Whatever else the deployment "
           "refuses is left out after the first refusal, until the process ends"},
      s.refuses);
  v.field({.name = "price", .text = "what it costs", .shown_default = "the price table's"}, s.price);
  v.field({.name = "quirks", .text = "what it takes otherwise than its dialect and its provider say: docs/quirks.md"},
          s.quirks);
}

void describe(Describer& v, BreakerSpec& s) {
  v.field({.name = "consecutive", .text = "failures in a row that eject a deployment", .least = 1}, s.consecutive);
  v.field({.name = "rate", .text = "share of failed calls within `window` that ejects it", .most = 1}, s.rate);
  v.field({.name = "calls_min", .formerly = "least", .text = "calls within `window` before `rate` counts", .least = 1},
          s.calls_min);
  v.field({.name = "window", .text = "how long calls are counted", .least = 1}, s.window);
  v.field({.name = "eject",
           .text = "how long the first ejection lasts; it doubles with each that follows without a success",
           .least = 1},
          s.eject);
  v.field({.name = "eject_max", .text = "longest ejection", .least = 1}, s.eject_max);
  v.field({.name = "rest_max",
           .text = "longest rest of a deployment whose provider asks not to be called (`Retry-After`); 0s: none"},
          s.rest_max);
}

void describe(Describer& v, ConfigSpec& s) {
  v.field({.name = "listen", .text = "the address that clients use"}, s.listen);
  v.field({.name = "admin", .text = "the address that operators use"}, s.admin);
  v.field({.name = "limits", .text = "bounds on what a client, or a provider's answer, can make the gateway hold"},
          s.limits);
  v.field({.name = "log", .text = "what is written to stderr"}, s.log);
  v.field({.name = "opentelemetry",
           .text = "traces and metrics are sent by OTLP: docs/opentelemetry.md",
           .shown_default = "nothing is sent"},
          s.opentelemetry);
  v.field({.name = "proxy_from_environment",
           .text = "providers without a `proxy` are reached through that of `HTTPS_PROXY` (`http_proxy` for http), "
                   "unless `NO_PROXY` names them"},
          s.proxy_from_environment);
  v.field({.name = "dns_ttl", .text = "how long a resolved provider address is used; 0s: one lookup a connection"},
          s.dns_ttl);
  v.field({.name = "breaker", .text = "when a failing deployment is left alone"}, s.breaker);
  v.field(
      {.name = "ledger", .text = "the record of every request: docs/ledger.md", .shown_default = "nothing is recorded"},
      s.ledger);
  v.field({.name = "keys", .text = "clients' keys; none: only a loopback `listen.address` is allowed"}, s.keys);
  v.field({.name = "keys_file",
           .text = "a file with more of them, a line each as `triage key new` prints it; relative to this file",
           .shown_default = "none",
           .check = check_filled},
          s.keys_file);
  v.field({.name = "providers", .text = "servers that run models", .required = true}, s.providers);
  v.field({.name = "deployments", .text = "models at providers", .required = true}, s.deployments);
  v.field({.name = "aliases", .text = "other names of deployments", .check_key = check_name, .entry = "alias"},
          s.aliases);
  v.field({.name = "tiers",
           .text = "classes of cost and strength, cheapest first; the order is the meaning",
           .shown_default = "small, medium, large",
           .check = check_name},
          s.tiers);
  v.field({.name = "specialists", .text = "tiers outside that order", .check = check_name}, s.specialists);
  v.field({.name = "routes", .text = "policies for requests, in order; the first whose `match` fits is used"},
          s.routes);
  v.field({.name = "prices", .text = "what models cost, where a deployment does not say so itself"}, s.prices);
}

}  // namespace triage
