#include "app/own_command.hpp"

#include "ledger/spool.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace triage {
namespace {

constexpr std::size_t output_max = std::size_t{16} << 20;
constexpr int low_priority = 10;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

struct Pipe {
  ledger::File read, write;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
    read = ledger::File(ends[0]);
    write = ledger::File(ends[1]);
  }
};

// posix_spawn's two objects, freed.
struct Spawning {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  Spawning() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    // The gateway's threads block the signals that one of them waits for.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~Spawning() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
};

// Appends what can be read. False: that was the end.
bool take(int from, std::string& to) {
  std::array<char, 16 * 1024> piece{};
  const ssize_t got = ::read(from, piece.data(), piece.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (to.size() < output_max) to.append(piece.data(), static_cast<std::size_t>(got));
  return got > 0;
}

// Reads both pipes to their ends. False: it took too long.
bool read_all(const Pipe& out, const Pipe& err, CommandEnd& end, std::chrono::milliseconds most,
              const std::atomic<bool>& stop) {
  constexpr int look_every_ms = 100;
  const auto until = std::chrono::steady_clock::now() + most;
  std::array<pollfd, 2> watched{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (stop || std::chrono::steady_clock::now() > until) return false;
    if (::poll(watched.data(), watched.size(), look_every_ms) <= 0) continue;
    if (watched[0].revents != 0 && !take(watched[0].fd, end.out)) watched[0].fd = -1;
    if (watched[1].revents != 0 && !take(watched[1].fd, end.err)) watched[1].fd = -1;
  }
  return true;
}

ledger::File in_memory(const std::string& text) {
  ledger::File file(::memfd_create("candidate", MFD_CLOEXEC));
  if (file.get() < 0) fail("memfd_create");
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(file.get(), text.data() + at, text.size() - at);
    if (written < 0) fail("write");
    at += static_cast<std::size_t>(written);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

}  // namespace

CommandEnd run_command(const std::vector<std::string>& arguments, const std::string& text,
                       std::chrono::milliseconds most, const std::atomic<bool>& stop) {
  Pipe out;
  Pipe err;
  const ledger::File input = in_memory(text);
  Spawning spawning;
  posix_spawn_file_actions_addopen(&spawning.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&spawning.files, out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&spawning.files, err.write.get(), STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&spawning.files, input.get(), 3);
  // A connection of the gateway that the command had, too, would not end with the gateway's.
  posix_spawn_file_actions_addclosefrom_np(&spawning.files, 4);
  std::vector<std::string> words{"triage"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  errno = ::posix_spawn(&child, "/proc/self/exe", &spawning.files, &spawning.attributes, pointers.data(), environ);
  if (errno != 0) fail("cannot start the command");
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(child), low_priority);
  out.write = ledger::File();
  err.write = ledger::File();
  CommandEnd end;
  if (!read_all(out, err, end, most, stop)) {
    end.late = true;
    ::kill(child, SIGKILL);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  return end;
}

}  // namespace triage
