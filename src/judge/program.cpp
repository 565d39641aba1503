#include "judge/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace triage::judge {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void set(int number) noexcept {
    close();
    number_ = number;
  }
  void close() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

bool make_pipe(Descriptor& reading, Descriptor& writing) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  reading.set(ends[0]);
  writing.set(ends[1]);
  return true;
}

Error failure(std::string message) {
  return {ErrorCode::internal_error, std::move(message)};
}

std::vector<std::string> bare_environment() {
  std::vector<std::string> out;
  for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"})
    if (const char* const value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// The child's signals are as a program expects them, whatever this thread blocks and this process ignores.
void set_attributes(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&usual, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

// Returns the process's id, or minus errno.
pid_t start(std::vector<std::string> command, int in, int out) {
  std::vector<std::string> environment = bare_environment();
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  set_attributes(attributes);
  pid_t child = 0;
  const int error = posix_spawnp(&child, command.front().c_str(), &actions, &attributes, pointers(command).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? child : -error;
}

bool given_up(const ProgramLimits& limits) noexcept {
  return limits.given_up != nullptr && limits.given_up->load();
}

// Feeds the program and reads from it until it closes its stdout. An empty text: nothing went wrong.
std::string talk(Descriptor& in, Descriptor& out, std::string_view input, std::string& output,
                 const ProgramLimits& limits, Clock::time_point until) {
  std::array<char, 16'384> block{};
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    if (left.count() <= 0) return "it took longer than " + std::to_string(limits.timeout.count()) + " ms";
    if (given_up(limits)) return "it was given up";
    std::array<pollfd, 2> both{{{out.get(), POLLIN, 0}, {in.get(), POLLOUT, 0}}};
    if (poll(both.data(), 2, static_cast<int>(std::min<std::int64_t>(left.count(), 100))) < 0 && errno != EINTR)
      return std::strerror(errno);
    if (both[1].revents != 0) {
      const ssize_t written = write(in.get(), input.data(), input.size());
      if (written > 0) input.remove_prefix(static_cast<std::size_t>(written));
      if (input.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) in.close();  // it need not read all
    }
    if (both[0].revents == 0) continue;
    const ssize_t read = ::read(out.get(), block.data(), block.size());
    if (read == 0) return {};
    if (read < 0 && errno != EAGAIN && errno != EINTR) return std::strerror(errno);
    if (read > 0) output.append(block.data(), static_cast<std::size_t>(read));
    if (output.size() > limits.output_max)
      return "it printed more than " + std::to_string(limits.output_max) + " bytes";
  }
}

// Waits for its end. False: it has not ended by then.
bool reap(pid_t child, int& status, const ProgramLimits& limits, Clock::time_point until) {
  while (true) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return true;
    if (Clock::now() >= until || given_up(limits)) return false;
    ::usleep(1'000);
  }
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& command, std::string_view input,
                                const ProgramLimits& limits) {
  if (command.empty()) return failure("there is no program");
  const auto until = Clock::now() + limits.timeout;
  Descriptor child_in;
  Descriptor in;
  Descriptor out;
  Descriptor child_out;
  if (!make_pipe(child_in, in) || !make_pipe(out, child_out)) return failure(std::strerror(errno));
  const pid_t child = start(command, child_in.get(), child_out.get());
  if (child < 0) return failure("it cannot be started: " + std::string(std::strerror(-child)));
  child_in.close();
  child_out.close();
  fcntl(in.get(), F_SETFL, O_NONBLOCK);
  fcntl(out.get(), F_SETFL, O_NONBLOCK);
  if (input.empty()) in.close();
  std::string output;
  std::string problem = talk(in, out, input, output, limits, until);
  in.close();
  int status = 0;
  const bool ended = problem.empty() && reap(child, status, limits, until);
  kill(-child, SIGKILL);  // also what it may have left running
  if (!ended) {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (problem.empty()) problem = "it took longer than " + std::to_string(limits.timeout.count()) + " ms";
  }
  if (!problem.empty()) return failure(std::move(problem));
  if (WIFSIGNALED(status)) return failure("it was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) return failure("it ended with " + std::to_string(WEXITSTATUS(status)));
  return output;
}

}  // namespace triage::judge
