"""Other load generators, set to the work of `churn`."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from harness import build
from harness.clients import Client, Invocation
from harness.server import Failure

VENV = build.BUILD / "venv"
LOCUST_PACKAGES = ["locust==2.47.0", "websocket-client==1.9.2"]
#: 64 bytes, as in profiles/churn.yaml.
MESSAGE = "hello from a peer".ljust(64, ".")

_TSUNG = """<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="error">
  <clients><client host="localhost" use_controller_vm="true" maxusers="{connections}"/></clients>
  <servers><server host="127.0.0.1" port="{port}" type="tcp"/></servers>
  <load duration="{seconds}" unit="second">
    <arrivalphase phase="1" duration="{seconds}" unit="second">
      <users maxnumber="{connections}" arrivalrate="1000" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="churn" probability="100" type="ts_websocket">
      <for from="1" to="100000000" var="cycle">
        <request><websocket type="connect" path="/"/></request>
        <request><websocket type="message">{message}</websocket></request>
        <request><websocket type="close"/></request>
      </for>
    </session>
  </sessions>
</tsung>
"""

_LOCUST = """import websocket
from locust import User, constant, task


class Churn(User):
    wait_time = constant(0)

    @task
    def cycle(self):
        connection = websocket.create_connection(self.host, timeout=10)
        connection.send({message!r})
        connection.recv()
        connection.close(timeout=10)
"""


def _tsung(mode: str, port: int, connections: int, seconds: int, folder: pathlib.Path) -> Invocation:
    own = pathlib.Path(tempfile.mkdtemp(prefix="tsung-", dir=folder))
    plan = own / "churn.xml"
    # Its VM takes a few seconds before the first user arrives; the time counts from there.
    plan.write_text(_TSUNG.format(connections=connections, port=port, seconds=seconds, message=MESSAGE))
    command = ["tsung", "-n", "-I", "127.0.0.1", "-f", str(plan), "-l", str(own), "start"]
    environment = {"HOME": str(own), "ERL_AFLAGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"}
    return Invocation(command, lambda _: None, (0,), environment)


def _locust(mode: str, port: int, connections: int, seconds: int, folder: pathlib.Path) -> Invocation:
    script = folder / "churn_of_locust.py"
    script.write_text(_LOCUST.format(message=MESSAGE))
    command = [str(VENV / "bin" / "locust"), "-f", str(script), "--headless", "--only-summary", "--skip-log-setup",
               "-u", str(connections), "-r", str(connections), "-t", f"{seconds}s", "--stop-timeout", "5",
               "--host", f"ws://127.0.0.1:{port}/"]  # fmt: skip
    # Without requests of its own kind it reports nothing, and has nothing to fail on.
    return Invocation(command, lambda _: None, (0, 1))


TSUNG, LOCUST = Client("tsung", _tsung), Client("locust", _locust)


def missing(client: Client) -> str | None:
    """How to get it, when it is not installed."""
    if client is TSUNG and not (shutil.which("tsung") and shutil.which("epmd")):
        return "Debian package `tsung` (tools/install-packages peers)"
    if client is LOCUST and not (VENV / "bin" / "locust").exists():
        return "PyPI packages " + ", ".join(LOCUST_PACKAGES) + f" in {VENV.relative_to(build.ROOT)}"
    return None


def install(client: Client) -> None:
    if client is TSUNG:
        subprocess.run([str(build.ROOT / "tools" / "install-packages"), "peers"], check=True)
    else:
        subprocess.run(["python3", "-m", "venv", str(VENV)], check=True)
        pip = [str(VENV / "bin" / "python3"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *LOCUST_PACKAGES], check=True)


@contextlib.contextmanager
def port_mapper():
    """Tsung's Erlang node needs epmd, which by itself would stay behind and listen on every address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(["epmd", "-address", "127.0.0.1", "-port", str(port)], stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        deadline = time.monotonic() + 10
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure("epmd, which Tsung needs, does not listen")
            time.sleep(0.05)
        yield {"ERL_EPMD_PORT": str(port)}
    finally:
        process.terminate()
        process.wait()
