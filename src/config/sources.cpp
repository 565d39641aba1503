// include: [conf.d/*.yaml]     the maps of those files are merged into this one's, key by key, this one's entries
// first;
//                              the same key in two files is an error unless both values are maps.
#include "config/sources.hpp"

#include "base/ascii.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "config/foreign.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace triage::config {
namespace {

// A file's path is never shortened, because its end is what matters.
std::string whole_in_quotes(const std::string& path) {
  return "'" + path + "'";
}

std::string canonical(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::weakly_canonical(path, error);
  return error ? path : whole.string();
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> out;
  if (::glob(pattern.c_str(), GLOB_ERR, nullptr, &found) == 0)  // sorted
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return out;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
}

void append_time(std::string& out, const timespec& time) {
  out += ' ' + std::to_string(time.tv_sec) + '.' + std::to_string(time.tv_nsec);
}

NodePtr merged(const Node& first, const Node& second, Report& report) {
  auto out = std::make_shared<Node>(first);
  for (const Member& member : second.members) {
    const auto same = std::find_if(out->members.begin(), out->members.end(),
                                   [&](const Member& other) { return other.key == member.key; });
    if (same == out->members.end())
      out->members.push_back(member);
    else if (same->value->kind == Node::Kind::map && member.value->kind == Node::Kind::map)
      same->value = merged(*same->value, *member.value, report);
    else
      report.error(member.place, "key " + in_quotes(member.key) + " is set in two files",
                   "the other one is at " + report.name(same->place) + ": keep one");
  }
  return out;
}

}  // namespace

std::string beside(const std::string& config, const std::string& name) {
  return name.starts_with('/') ? name : config.substr(0, config.rfind('/') + 1) + name;
}

// Looks before it reads, so that a change meanwhile shows in the next look.
std::optional<std::string> Sources::read(const std::string& path, std::size_t bytes_max, std::string& reason) {
  note({path, false, ""});
  return triage::read_file(path, bytes_max, reason);
}

std::optional<std::string> Sources::read_part(const std::string& path, std::size_t bytes_max, std::string& reason) {
  auto text = read(path, bytes_max, reason);
  if (text) count_part(*text);
  return text;
}

std::optional<Sources::NamedText> Sources::read_named(const std::string& file, const Place& place,
                                                      std::size_t bytes_max) {
  NamedText out{beside(report_.files().at(place.file), file), {}};
  std::string reason;
  auto text = read_part(out.name, bytes_max, reason);
  if (!text) {
    report_.error(place, "cannot read '" + out.name + "': " + reason, "it is relative to the folder of this file");
    return std::nullopt;
  }
  out.text = std::move(*text);
  return out;
}

std::optional<std::string> Sources::digest_part(const std::string& path, std::string& reason) {
  const auto content = read(path, part_bytes_max, reason);
  if (!content) return std::nullopt;
  return count_part(*content);
}

// Makes it count in the version, by the digest that is returned.
std::string Sources::count_part(std::string_view content) {
  std::string digest = hex(sha256(content));
  bytes_.append(digest);
  return digest;
}

void Sources::note(Source source) {
  if (!noted_.insert(source.path).second) return;
  source.look = look_of(source);
  sources_.push_back(std::move(source));
}

NodePtr Sources::read_file(const std::string& path) {
  std::string reason;
  const auto text = read(path, file_bytes_max, reason);
  if (!text) {
    report_.error({report_.add_file(path), 1, 1}, "cannot read this file: " + reason,
                  "check the path and its permissions");
    return nullptr;
  }
  begun_.insert(canonical(path));
  return parse(*text, path);
}

NodePtr Sources::read_text(std::string_view yaml, const std::string& name) {
  if (yaml.size() <= file_bytes_max) return parse(yaml, name);
  report_.error({report_.add_file(name), 1, 1},
                "cannot read this text: it is larger than " + std::to_string(file_bytes_max / 1024) + " KiB",
                "write less of it");
  return nullptr;
}

NodePtr Sources::parse(std::string_view yaml, const std::string& name) {
  bytes_.append(yaml);
  const std::size_t file = report_.add_file(name);
  if (const ForeignFormat format = foreign_format(yaml); !format.name.empty()) {
    report_.error({file, 1, 1}, "this is a configuration of " + std::string(format.name), import_hint(format));
    return nullptr;
  }
  NodePtr root = parse_yaml(yaml, file, report_);
  if (!root) return nullptr;
  if (root->kind == Node::Kind::null) {
    auto empty = std::make_shared<Node>(*root);
    empty->kind = Node::Kind::map;
    return empty;
  }
  if (root->kind != Node::Kind::map) {
    report_.error(root->place, "a config is a map, not " + std::string(describe_kind(root->kind)),
                  "start with a key, as in 'listen: {address: \"127.0.0.1:8080\"}'");
    return nullptr;
  }
  if (const ForeignFormat format = foreign_format(*root); !format.name.empty()) {
    report_.error(root->place, "this is a configuration of " + std::string(format.name), import_hint(format));
    return nullptr;
  }
  return include(root, name);
}

NodePtr Sources::include(const NodePtr& root, const std::string& name) {
  const auto is_include = [](const Member& member) { return member.key == "include"; };
  const auto found = std::find_if(root->members.begin(), root->members.end(), is_include);
  if (found == root->members.end()) return root;
  const Member& key = *found;
  auto out = std::make_shared<Node>(*root);
  std::erase_if(out->members, is_include);
  std::vector<NodePtr> patterns{key.value};
  if (key.value->kind == Node::Kind::list) patterns = key.value->items;
  for (const NodePtr& pattern : patterns) {
    if (pattern->kind == Node::Kind::scalar)
      include_pattern(*pattern, name, *out);
    else
      cannot_include(pattern->kind == Node::Kind::null ? key.place : pattern->place,
                     "include takes file names, not " + std::string(describe_kind(pattern->kind)),
                     "write it as 'include: [conf.d/*.yaml]'");
  }
  return out;
}

void Sources::include_pattern(const Node& pattern, const std::string& config, Node& into) {
  const auto text = resolve(pattern);
  if (!text) {
    whole_ = false;
    return;
  }
  const std::string path_pattern = beside(config, *text);
  const bool wild = text->find_first_of("*?[") != std::string::npos;
  if (wild) note({path_pattern, true, ""});
  const std::vector<std::string> paths = wild ? matches(path_pattern) : std::vector<std::string>{path_pattern};
  if (paths.empty())
    report_.warning(pattern.place, "include " + in_quotes(pattern.text) + " matches no file",
                    "it is relative to the folder of this file");
  for (const std::string& path : paths)
    if (const NodePtr part = read_included(path, pattern.place)) {
      const NodePtr both = merged(into, *part, report_);
      into = *both;
    }
}

void Sources::cannot_include(const Place& from, std::string message, std::string fix) {
  whole_ = false;
  report_.error(from, std::move(message), std::move(fix));
}

NodePtr Sources::read_included(const std::string& path, const Place& from) {
  const std::string identity = canonical(path);
  if (done_.contains(identity)) return nullptr;  // two globs matched it
  if (begun_.contains(identity)) {
    cannot_include(from, "include of " + whole_in_quotes(path) + " goes in a circle", "a file cannot include itself");
    return nullptr;
  }
  if (report_.files().size() >= files_max) {
    cannot_include(from, "more than " + std::to_string(files_max) + " files", "put more into each");
    return nullptr;
  }
  std::string reason;
  const auto text = read(path, file_bytes_max, reason);
  if (!text) {
    cannot_include(from, "cannot include " + whole_in_quotes(path) + ": " + reason,
                   "it is relative to the folder of this file");
    return nullptr;
  }
  begun_.insert(identity);
  NodePtr root = parse(*text, path);
  whole_ = whole_ && root;
  done_.insert(identity);
  return root;
}

std::optional<std::string> Sources::replacement(std::string_view name, const Place& place) {
  if (name.starts_with("file:")) {
    const std::string path(name.substr(5));
    std::string reason;
    auto text = read(path, secret_bytes_max, reason);
    if (!text && environment_ == Environment::absent) return std::nullopt;
    if (!text) {
      report_.error(place, "cannot read " + in_quotes(path) + ": " + reason, "create that file or correct its path");
      return std::nullopt;
    }
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    return text;
  }
  if (!is_variable_name(name)) {
    report_.error(place, "${...} holds neither the name of a variable nor file:PATH",
                  "write ${NAME} or ${file:/run/secrets/name}; '${' itself is written '$${'");
    return std::nullopt;
  }
  const std::string variable(name);
  const char* const value = std::getenv(variable.c_str());
  if (!value && environment_ == Environment::absent) return std::nullopt;
  if (!value) {
    report_.error(place, "environment variable " + in_quotes(variable) + " is not set",
                  "set it, or read a file with ${file:/run/secrets/name}");
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> Sources::resolve(const Node& scalar) {
  std::string out;
  std::string_view rest = scalar.text;
  bool whole = true;
  for (std::size_t at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
    if (at > 0 && rest[at - 1] == '$') {
      out.append(rest.substr(0, at - 1)).append("${");
      rest.remove_prefix(at + 2);
      continue;
    }
    const std::size_t close = rest.find('}', at);
    if (close == std::string_view::npos) {
      report_.error(scalar.place, "'${' is never closed", "add '}'; '${' itself is written '$${'");
      return std::nullopt;
    }
    const auto value = replacement(rest.substr(at + 2, close - at - 2), scalar.place);
    whole = whole && value;
    if (value && bytes_.size() + value->size() > read_bytes_max) {
      report_.error(scalar.place,
                    "the values of ${...} are larger than " + std::to_string(read_bytes_max >> 20) + " MiB",
                    "use fewer or shorter ones");
      return std::nullopt;
    }
    if (value) {
      out.append(rest.substr(0, at)).append(*value);
      bytes_.append(*value);
    }
    rest.remove_prefix(close + 1);
  }
  if (!whole) return std::nullopt;
  return out.append(rest);
}

}  // namespace triage::config

namespace triage {

std::string look_of(const Source& source) {
  std::string out;
  if (source.pattern) {
    for (const std::string& path : config::matches(source.path)) out += path + '\n';
    return out;
  }
  struct stat seen {};
  if (::stat(source.path.c_str(), &seen) != 0) return "absent";
  out = std::to_string(seen.st_dev) + ' ' + std::to_string(seen.st_ino) + ' ' + std::to_string(seen.st_size);
  config::append_time(out, seen.st_mtim);
  config::append_time(out, seen.st_ctim);
  return out;
}

}  // namespace triage
