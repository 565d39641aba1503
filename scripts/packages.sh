# Sourced by run and test: installs the Debian packages that are missing, and only those.

build_packages() {
  echo g++ cmake ninja-build ccache pkg-config nlohmann-json3-dev libyaml-cpp-dev libspdlog-dev libssl-dev \
    libsimdjson-dev libsqlite3-dev libre2-dev libmimalloc-dev libxxhash-dev libcld2-dev zlib1g-dev \
    libutf8proc-dev libpcre2-dev ca-certificates
  # Boost 1.81 is the oldest that will do; Debian 12's default is 1.74.
  case "$(. /etc/os-release && echo "${ID:-}:${VERSION_ID:-}")" in
    debian:12) echo libboost1.81-dev ;;
    *) echo libboost-dev ;;
  esac
}

test_packages() {
  echo libgtest-dev libgmock-dev python3 python3-venv curl
}

# runtime_packages BINARY: what it needs where nothing is built: the packages of its shared libraries, one a line.
runtime_packages() {
  local path
  ldd "$1" | sed -nE 's|.*=> (/[^ ]+).*|\1|p' | while read -r path; do
    # Its last folder and name: dpkg may know it without the link that leads there (/lib, /usr/lib).
    dpkg-query -S "*/$(basename "$(dirname "$path")")/$(basename "$path")" | cut -d: -f1
  done | sort -u
  echo ca-certificates
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "root or sudo is needed for: $*" >&2
    return 1
  fi
}

# missing_packages NAME...: those that are not installed, one a line.
missing_packages() {
  local name
  for name in "$@"; do
    case "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" in
      installed) ;;
      *) echo "$name" ;;
    esac
  done
}

packages_updated=
# install_packages NAME...: returns non-zero when one of them cannot be had.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian: install what corresponds to: $*" >&2
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  echo "installing: ${missing[*]}" >&2
  if [ -z "$packages_updated" ]; then
    packages_updated=1
    as_root apt-get -q -o DPkg::Lock::Timeout=120 update >&2 || echo "apt-get update failed; going on with the old lists" >&2
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends \
    "${missing[@]}" >&2
}

# install_optional NAME...: what some tests use and are skipped without.
install_optional() {
  command -v dpkg-query >/dev/null || return 0
  install_packages "$@" || echo "could not be installed: $*; what needs it is skipped" >&2
}

# configure PRESET [OPTION...]: in full once; later only if a CMake file or the set of test files has changed.
configure() {
  if [ ! -f "build/$1/build.ninja" ] || [ CMakePresets.json -nt "build/$1/build.ninja" ]; then
    rm -f "build/$1/CMakeCache.txt"  # CMake cannot change the compiler of an existing cache
    cmake --preset "$@" >&2
  else
    ninja -C "build/$1" build.ninja >/dev/null
  fi
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  configure "$preset" || return
  cmake --build --preset "$preset" ${*:+--target "$@"} >&2
}
