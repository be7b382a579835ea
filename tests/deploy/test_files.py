"""What is shipped to serve many visitors: the programs that read it accept it, and what it names is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from depth_demo.ui.page import read_options
from tests.support.site import HAPROXY

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
CONFIG = (DEPLOY / "haproxy.cfg").read_text("utf-8")
APP_PORT, HEALTH = 7860, "/health"
LOGIN = r"(?m)^ *#(?=userlist|    user|http-request auth)"  # before lines that are there for those who want it


def check(config: Path, **variables: str) -> tuple[int, str]:
    run = subprocess.run(
        [HAPROXY, "-c", "-f", str(config)], env=os.environ | variables, capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout + run.stderr


@pytest.mark.parametrize("variables", [{}, {"DEPTH_DEMO_DNS": "app"}], ids=["fixed", "dns"])
def test_haproxy_accepts_its_file_without_a_word(variables: dict[str, str]) -> None:
    status, said = check(DEPLOY / "haproxy.cfg", **variables)
    assert (status, said.strip()) == (0, "Configuration file is valid")


def test_haproxy_accepts_the_login_that_its_file_offers(tmp_path: Path) -> None:
    with_login, count = re.subn(LOGIN, "", CONFIG)
    assert count == 3
    file = tmp_path / "haproxy.cfg"
    file.write_text(with_login)
    status, said = check(file)
    assert (status, said.strip()) == (0, "Configuration file is valid")


def test_a_stream_may_be_silent_for_an_hour() -> None:
    """HAProxy's customary minute would cut what a visitor in the queue holds open."""
    assert dict(re.findall(r"(?m)^    timeout (client|server) +(\S+)", CONFIG)) == {"client": "1h", "server": "1h"}
    assert not re.search(r"timeout tunnel", CONFIG)


def test_both_lists_of_replicas_name_the_same_ones() -> None:
    lists: dict[str, list[tuple[str, ...]]] = {}
    backend = ""
    for line in CONFIG.splitlines():
        if line.startswith("backend "):
            backend = line.split()[1]
        if server := re.match(r"    server (\S+) (\S+) cookie (\S+)(?: track work/(\S+))?$", line):
            lists.setdefault(backend, []).append(server.groups()[:3])
            assert server[1] == server[3] == (server[4] or server[1])
    assert list(lists) == ["visits", "work"]
    assert lists["visits"] == lists["work"]
    assert [address for _, address, _ in lists["work"]] == [f"127.0.0.1:{APP_PORT + number}" for number in (1, 2)]


def unit() -> dict[str, dict[str, list[str]]]:
    """The systemd unit's settings by section."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in (DEPLOY / "depth-demo@.service").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section.setdefault(name, []).append(value)
    return sections


def test_the_unit_of_a_replica_starts_the_app_on_its_port(tmp_path: Path) -> None:
    service = unit()["Service"]
    (start,) = service["ExecStart"]
    shell = re.fullmatch(r"/bin/sh -c '(.*)'", start)
    assert shell
    command = shell[1].replace("%i", "2").replace("$$", "$").replace("exec .venv/bin/python", "echo")
    words = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout.split()
    assert words[0] == "app.py"
    options = read_options(words[1:])
    assert (options.host, options.port) == ("127.0.0.1", APP_PORT + 2)
    assert "DEPTH_DEMO_REPLICA=r%i" in service["Environment"]
    (folder,) = service["CacheDirectory"]
    named = " ".join(service["Environment"])
    assert re.findall(r"(?:HF_HOME|DEPTH_DEMO_CACHE)=/var/cache/([^/]+)/", named) == [folder, folder]


def test_systemd_accepts_the_unit_where_it_is_installed(tmp_path: Path) -> None:
    """Elsewhere every line is at least a setting in a section."""
    assert list(unit()) == ["Unit", "Service", "Install"]
    assert all(re.fullmatch(r"[A-Z]\w+", name) for section in unit().values() for name in section)
    analyze = shutil.which("systemd-analyze")
    if analyze:
        instance = shutil.copy(DEPLOY / "depth-demo@.service", tmp_path / "depth-demo@1.service")
        run = subprocess.run([analyze, "verify", "--man=no", instance], capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (0, "")


def test_compose_names_what_the_dockerfile_and_the_proxy_have() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    app, proxy = services["app"], services["proxy"]
    assert (DEPLOY / app["build"] / "Dockerfile").is_file()
    assert proxy["environment"]["DEPTH_DEMO_DNS"] == "app"
    assert f'"${{DEPTH_DEMO_DNS}}":{APP_PORT} ' in CONFIG
    assert f"--port {APP_PORT}" in app["command"][-1]
    assert f"EXPOSE {APP_PORT}" in DOCKERFILE
    assert app["volumes"] == ["weights:/weights"]
    assert "HF_HOME=/weights" in DOCKERFILE
    (source, target, _) = proxy["volumes"][0].split(":")
    assert (DEPLOY / source).read_text("utf-8") == CONFIG
    assert target == "/usr/local/etc/haproxy/haproxy.cfg"
    assert f"bind :{proxy['ports'][0].split(':')[1]}\n" in CONFIG


def values_of(tree: Any, name: str) -> Iterator[Any]:
    """Whatever stands under a name, anywhere in a tree."""
    if isinstance(tree, dict):
        yield from (value for key, value in tree.items() if key == name)
    for branch in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from values_of(branch, name)


def test_kubernetes_names_what_the_dockerfile_and_the_app_have() -> None:
    deployment, service = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
    assert (deployment["kind"], service["kind"]) == ("Deployment", "Service")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels == deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    assert service["spec"]["sessionAffinity"] == "ClientIP"
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (port,) = container["ports"]
    assert {probe["port"] for probe in values_of(container, "httpGet")} == {port["name"]}
    assert {probe["path"] for probe in values_of(container, "httpGet")} == {HEALTH}
    assert f"option httpchk GET {HEALTH}\n" in CONFIG  # which the replicas of test_replicas.py answer
    assert [entry["targetPort"] for entry in service["spec"]["ports"]] == [port["name"]]
    options = read_options(container["args"][2:])
    assert (options.host, options.port) == ("0.0.0.0", port["containerPort"])  # noqa: S104
    assert container["args"][:2] == ["python", "app.py"]
    assert pod["securityContext"]["runAsUser"] == int(re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[0])
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts == {"tmp": tempfile.gettempdir(), "weights": "/weights"}
    assert {volume["name"] for volume in pod["volumes"]} == set(mounts)
