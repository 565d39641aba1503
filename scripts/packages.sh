# Sourced by run and test: installs the Debian packages that are missing, and only those.

build_packages() {
  echo g++ cmake ninja-build ccache pkg-config nlohmann-json3-dev libyaml-cpp-dev libcli11-dev libspdlog-dev libssl-dev \
    libsimdjson-dev libsqlite3-dev libre2-dev libmimalloc-dev libxxhash-dev libcld2-dev zlib1g-dev \
    libutf8proc-dev libpcre2-dev libtomlplusplus-dev ca-certificates
  # Boost 1.81 is the oldest that will do; Debian 12's default is 1.74.
  case "$(system)" in
    debian:12) echo libboost1.81-dev python3-venv ;;
    debian:*) echo libboost-dev libonnxruntime-dev ;;
    *) echo libboost-dev python3-venv ;;
  esac
}

# ID:VERSION, as in debian:12
system() { (. /etc/os-release && echo "${ID:-}:${VERSION_ID:-}"); }

test_packages() {
  echo libgtest-dev libgmock-dev python3 python3-venv curl
}

# onnxruntime_ready: what runs models inside the gateway. Where the system has no package of it, the library comes from
# Python's package index and the headers from Debian 13's package, both into build/onnxruntime. A build without it works,
# but refuses configurations that need it.
onnxruntime_ready() {
  local root=build/onnxruntime
  if [ -e /usr/include/onnxruntime/onnxruntime_cxx_api.h ] || [ -e "$root/tried" ]; then return 0; fi
  echo "fetching ONNX Runtime (27 MB) to $root" >&2
  rm -rf "$root" && mkdir -p "$root" || return
  if ! { onnxruntime_library "$root" && onnxruntime_headers "$root"; } >&2; then
    echo "ONNX Runtime could not be fetched: the build goes on without it; to try again, remove $root" >&2
    rm -rf "$root/lib" "$root/include"
  fi
  touch "$root/tried"
}

# The version is pinned, and so is what each machine's wheel must hash to.
onnxruntime_library() {
  local root=$1
  cat > "$root/requirement.txt" <<'END'
onnxruntime==1.32.0 \
  --hash=sha256:5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d \
  --hash=sha256:2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c
END
  python3 -m venv "$root/venv" &&
    "$root/venv/bin/pip" download -q --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
      --platform "manylinux_2_28_$(uname -m)" --python-version 3.11 -r "$root/requirement.txt" -d "$root" &&
    python3 -m zipfile -e "$root"/onnxruntime-*.whl "$root/wheel" &&
    mkdir -p "$root/lib" &&
    cp "$root"/wheel/onnxruntime/capi/libonnxruntime.so.1.* "$root/lib/libonnxruntime.so.1" &&
    rm -rf "$root/wheel" "$root/venv" "$root"/*.whl
}

# A package list of Debian 13 of its own, signed as any: nothing is installed, and the system's lists stay as they are.
onnxruntime_headers() {
  local root=$1 mirror
  local apt=$PWD/$root/apt
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 2>/dev/null |
    sed -n 's/ bookworm main$//p' | head -1)
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" &&
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} trixie main" \
      > "$apt/sources.list" || return
  local own=(-q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Dir::State::status=/dev/null
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Sandbox::User=)
  apt-get "${own[@]}" update &&
    (cd "$root" && apt-get "${own[@]}" download libonnxruntime-dev) &&
    dpkg-deb -x "$root"/libonnxruntime-dev_*.deb "$root/headers" &&
    mv "$root/headers/usr/include" "$root/include" &&
    rm -rf "$root/headers" "$root"/*.deb "$apt"
}

# runtime_packages BINARY: what it needs where nothing is built: the packages of its shared libraries, one a line.
runtime_packages() {
  local path
  ldd "$1" | sed -nE 's|.*=> (/[^ ]+).*|\1|p' | while read -r path; do
    # Its last folder and name: dpkg may know it without the link that leads there (/lib, /usr/lib).
    dpkg-query -S "*/$(basename "$(dirname "$path")")/$(basename "$path")" | cut -d: -f1
  done | sort -u
  { dpkg-query -S '*/libonnxruntime.so.1.*' 2>/dev/null || true; } | cut -d: -f1 | sort -u  # opened while it runs
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
  onnxruntime_ready || return
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
