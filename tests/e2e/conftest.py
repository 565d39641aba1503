import fcntl
import pathlib
import tempfile

import pytest

from cascading import Cascading
from gateway import BINARY, Gateway, Process, accepts, config_for, free_port


def pytest_configure():
    if not BINARY.is_file():
        pytest.exit(f"{BINARY} is not built: scripts/test e2e builds it", 3)


@pytest.fixture(scope="session")
def simulator(tmp_path_factory):
    """`triage simulate`, shared by all tests."""
    port = free_port()
    process = Process(["simulate", "--listen", f"127.0.0.1:{port}"], tmp_path_factory.mktemp("simulator") / "log", [port])
    process.port = port
    yield process
    assert process.stop() == 0, process.stderr()


@pytest.fixture(scope="session")
def gateway(simulator, tmp_path_factory):
    """`triage serve` with keys before the simulator, shared by the SDK tests. A rest that one of them has its provider ask
    for is over before the next."""
    folder = tmp_path_factory.mktemp("gateway")
    config = config_for(simulator.port, breaker={"rest_max": "0s"}, ledger={"dir": str(folder / "ledger")})
    process = Gateway(config, folder)
    yield process
    assert process.stop() == 0, process.stderr()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """`triage serve --demo`, for the tests of one file. Its ports are fixed, so only one worker at a time has it."""
    turn = open(pathlib.Path(tempfile.gettempdir()) / "triage-demo.lock", "w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    taken = [port for port in (8080, 9090) if accepts(port)]
    if taken:
        pytest.skip(f"port {taken[0]}, which the demo uses, is taken here")
    process = Process(["serve", "--demo"], tmp_path_factory.mktemp("demo") / "log", [8080, 9090])
    yield process
    assert process.stop() == 0, process.stderr()
    assert not accepts(8080)
    turn.close()


@pytest.fixture
def start(tmp_path):
    """start(config) -> Gateway, ended (with 0) after the test."""
    started = []

    def begin(config):
        started.append(Gateway(config, tmp_path, f"gateway{len(started)}"))
        return started[-1]

    yield begin
    for process in started:
        assert process.stop() == 0, process.stderr()


@pytest.fixture
def cascading(start, tmp_path):
    """cascading(cascade={...}, limits={...}, ...) -> Cascading"""
    made = []

    def make(*arguments, **more):
        made.append(Cascading(start, tmp_path, *arguments, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()
