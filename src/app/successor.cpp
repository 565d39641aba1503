#include "app/successor.hpp"

#include "base/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace triage {
namespace {

constexpr int first_passed = 3;
constexpr std::chrono::seconds start_within{60};
constexpr const char* ready_name = "TRIAGE_READY";
constexpr const char* pid_name = "LISTEN_PID=";
constexpr std::size_t pid_digits = 10;

std::string program_path() {
  std::array<char, 4096> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 && static_cast<std::size_t>(size) < path.size() ? std::string(path.data(), path.data() + size) : "";
}

std::vector<std::string> own_arguments() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> out;
  for (std::size_t at = 0; at < all.size(); at += out.back().size() + 1) out.emplace_back(all.c_str() + at);
  return out;
}

bool is_ours(std::string_view variable) {
  return variable.starts_with("LISTEN_PID=") || variable.starts_with("LISTEN_FDS=") ||
         variable.starts_with("LISTEN_FDNAMES=") || variable.starts_with("TRIAGE_READY=");
}

// The variable with the process id comes last, with room for the digits, which are known only after fork().
std::vector<std::string> environment_for(const PassedSockets& sockets) {
  const std::size_t count = sockets.api.size() + sockets.admin.size();
  std::vector<std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!is_ours(*variable)) out.emplace_back(*variable);
  std::string names;
  for (std::size_t i = 0; i < count; ++i)
    names += std::string(i == 0 ? "" : ":") + (i < sockets.api.size() ? "api" : "admin");
  out.push_back("LISTEN_FDS=" + std::to_string(count));
  out.push_back("LISTEN_FDNAMES=" + names);
  out.push_back(std::string(ready_name) + "=" + std::to_string(first_passed + count));
  out.push_back(pid_name + std::string(pid_digits, '0'));
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Everything up to execve runs between fork and exec in a process that had threads, so it may only make system calls.

void close_from(unsigned first, unsigned limit) {
  if (close_range(first, ~0U, 0) == 0) return;
  for (unsigned descriptor = first; descriptor < limit; ++descriptor) close(static_cast<int>(descriptor));
}

struct Start {
  const char* program;
  char* const* arguments;
  char* const* environment;
  char* pid;  // where its digits go in the environment
  const std::vector<int>& descriptors;
  unsigned limit;
};

[[noreturn]] void become(const Start& start) {
  pid_t left = getpid();
  for (std::size_t digit = pid_digits; digit-- > 0; left /= 10) start.pid[digit] = static_cast<char>('0' + left % 10);
  int next = first_passed;
  for (const int descriptor : start.descriptors) dup2(descriptor, next++);
  close_from(static_cast<unsigned>(next), start.limit);
  execve(start.program, start.arguments, start.environment);
  _exit(127);
}

unsigned descriptor_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<unsigned>(limit.rlim_cur) : 1024;
}

// Makes copies above the target descriptors, so that none is overwritten before it is moved. False: see errno.
bool copy_above(const std::vector<int>& descriptors, std::vector<int>& copies) {
  const int above = first_passed + static_cast<int>(descriptors.size());
  for (const int descriptor : descriptors) {
    copies.push_back(fcntl(descriptor, F_DUPFD_CLOEXEC, above));
    if (copies.back() < 0) return false;
  }
  return true;
}

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

Successor::Successor() : program_(program_path()), arguments_(own_arguments()) {}

// A successor that does not serve yet ends with us; one that serves lives on.
Successor::~Successor() {
  if (!starting()) return;
  kill(pid_, SIGKILL);
  close(pipe_);
}

void Successor::start(const PassedSockets& sockets) {
  if (starting()) return log::warn("SIGUSR2: a new process is starting already");
  if (getpid() == 1)
    return log::error("SIGUSR2: process 1 cannot be followed by another one; restart the container instead");
  int ends[2];
  if (program_.empty() || arguments_.empty() || pipe2(ends, O_CLOEXEC) != 0)
    return log::error("SIGUSR2: no new process can be started: " + reason_of(errno));
  std::vector<int> passed = sockets.api;
  passed.insert(passed.end(), sockets.admin.begin(), sockets.admin.end());
  passed.push_back(ends[1]);
  std::vector<int> copies;
  auto environment = environment_for(sockets);
  const auto environment_at = pointers_to(environment);
  const auto arguments_at = pointers_to(arguments_);
  const Start start{
      program_.c_str(), arguments_at.data(), environment_at.data(), environment.back().data() + std::strlen(pid_name),
      copies,           descriptor_limit()};
  pid_ = copy_above(passed, copies) ? fork() : -1;
  if (pid_ == 0) become(start);
  const int error = errno;
  for (const int copy : copies)
    if (copy >= 0) close(copy);
  close(ends[1]);
  pipe_ = ends[0];
  until_ = std::chrono::steady_clock::now() + start_within;
  if (pid_ < 0) return failed(reason_of(error));
  log::info("SIGUSR2: process " + std::to_string(pid_) + " starts, to take over");
}

bool Successor::look() {
  if (!starting()) return false;
  pollfd ready{pipe_, POLLIN, 0};
  if (poll(&ready, 1, 0) <= 0) {
    if (std::chrono::steady_clock::now() >= until_) failed("it does not serve after a minute");
    return false;
  }
  char told = 0;
  if (read(pipe_, &told, 1) != 1) {
    failed("it ended before it served; its messages tell why (so does `triage check`)");
    return false;
  }
  close(pipe_);
  log::info("process " + std::to_string(pid_) + " serves; this one finishes what is under way");
  pid_ = 0;
  return true;
}

void Successor::failed(const std::string& why) {
  log::error("the new process cannot take over, this one goes on: " + why);
  close(pipe_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_ = 0;
}

void report_ready() {
  const char* const text = std::getenv(ready_name);
  const int descriptor = text == nullptr ? -1 : std::atoi(text);
  unsetenv(ready_name);
  if (descriptor < first_passed) return;
  if (write(descriptor, "1", 1) != 1) log::warn("the process before this one has gone already");
  close(descriptor);
}

}  // namespace triage
