"""The scripts around the package: each says in a sentence what is missing, and the coverage gate can close."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[1]
TOOLS = ("cat", "cksum", "dirname", "flock", "grep", "id", "mkdir", "mktemp", "rm", "sh", "tail")
PACKAGES = ("tests/interop/node/current/package.json", "tests/interop/node/previous/package.json")
BOTH = ["current", "previous"]

OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_ENSUREPIP = """#!/bin/sh
case "$2" in *version_info\\ \\<*) exit 0 ;; *ensurepip*) exit 1 ;; *) echo python3.11-venv ;; esac
"""
#: Makes an environment whose pip fails with the words in `$PIP_SAYS`.
WITH_A_PIP_THAT_FAILS = """#!/bin/sh
case "$1 $2" in
    "-c "*) exit 0 ;;
    "-m venv") /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
    "-m pip") [ "$3" = --version ] || { echo "$PIP_SAYS"; exit 1; } ;;
    --version*) echo "Python 3.11.0" ;;
esac
"""
#: New enough for anything; for the older packages alone; for none.
NEW_NODE, AGING_NODE, OLD_NODE = "#!/bin/sh\n", '#!/bin/sh\ncase "$3" in *previous) ;; *) exit 1 ;; esac\n', OLD
#: Installs, or fails with the words in `$NPM_SAYS`.
NPM = """#!/bin/sh
[ "$1" = --version ] && exit
[ -z "$NPM_SAYS" ] || { echo "$NPM_SAYS"; exit 1; }
echo "$*" >>npm.log
mkdir -p node_modules
"""


class Machine:
    """A copy of what the set-up scripts read, on a machine with the tools of every Unix and what a test adds."""

    def __init__(self, home: Path) -> None:
        self.home, self.bin = home / "a checkout", home / "bin"
        self.bin.mkdir()
        for name in ("scripts/setup.sh", "scripts/setup_node.sh", "pyproject.toml", "constraints.txt", *PACKAGES):
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.home / name)
        for tool in TOOLS:
            if found := shutil.which(tool):
                (self.bin / tool).symlink_to(found)

    def add(self, name: str, script: str) -> None:
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def set_up(self, script: str = "setup.sh", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.bin / "sh", self.home / "scripts" / script],
            env={"PATH": str(self.bin), **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def set_up_node(self, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.set_up("setup_node.sh", **environ)

    @property
    def generations(self) -> list[str]:
        """Which of the two generations of Node packages have been installed."""
        return [Path(name).parent.name for name in PACKAGES if (self.home / name).with_name("node_modules").is_dir()]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def sentence(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stderr.splitlines()[-1]


def test_no_python(machine: Machine) -> None:
    assert "Python 3.11 or newer is missing" in sentence(machine.set_up())


def test_only_an_old_python(machine: Machine) -> None:
    machine.add("python3", OLD)
    assert "Python 3.11 or newer is missing" in sentence(machine.set_up())


def test_a_python_that_cannot_make_environments(machine: Machine) -> None:
    machine.add("python3", WITHOUT_ENSUREPIP)
    machine.add("id", "#!/bin/sh\necho 1000\n")
    assert sentence(machine.set_up()).endswith("run: apt-get install python3.11-venv")


def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.add("python3", WITHOUT_ENSUREPIP)
    machine.add("id", "#!/bin/sh\necho 0\n")
    # The package brings a Python that can; this one then fails at pip, which is another sentence.
    able = WITH_A_PIP_THAT_FAILS.replace("'", "'\\''")
    machine.add("apt-get", f"#!/bin/sh\n[ \"$1\" = update ] || echo '{able}' >'{machine.bin}/python3'\n")

    result = machine.set_up(PIP_SAYS="ERROR: it rains")

    assert "installing python3.11-venv" in result.stdout
    assert "pip could not install the packages" in sentence(result)
    assert "it rains" in result.stderr


@pytest.mark.parametrize(
    ("pip_says", "expected"),
    [
        (
            "ERROR: Could not find a version that satisfies hatchling (from versions: none)",
            "cannot reach its package index",
        ),
        ("ERROR: No matching distribution found for aiohttp==3.14.5", "no versions that fit constraints.txt"),
        ("error: command 'cc' failed", "pip could not install the packages"),
    ],
)
def test_what_pip_could_not_do(machine: Machine, pip_says: str, expected: str) -> None:
    machine.add("python3", OLD)
    machine.add("python3.12", WITH_A_PIP_THAT_FAILS)

    result = machine.set_up(PIP_SAYS=pip_says)

    assert expected in sentence(result)
    assert pip_says in result.stderr
    assert not (machine.home / ".venv" / ".ready").exists()


def test_a_ready_environment_is_left_alone_until_something_changes(machine: Machine) -> None:
    machine.add("python3", WITH_A_PIP_THAT_FAILS.replace("exit 1", "exit 0"))
    assert "installing the packages" in machine.set_up().stdout
    assert machine.set_up().stdout == ""

    with (machine.home / "constraints.txt").open("a", encoding="utf-8") as constraints:
        constraints.write("# changed\n")
    again = machine.set_up().stdout
    assert "installing the packages" in again
    assert "making .venv" not in again


def test_a_broken_environment_is_made_anew(machine: Machine) -> None:
    machine.add("python3", WITH_A_PIP_THAT_FAILS.replace("exit 1", "exit 0"))
    machine.set_up()
    (machine.home / ".venv" / "bin" / "python").unlink()

    result = machine.set_up()

    assert "making .venv" in result.stdout
    assert result.returncode == 0
    assert (machine.home / ".venv" / "bin" / "python").exists()


def test_an_environment_with_holes_is_made_anew(machine: Machine) -> None:
    machine.add("python3", WITH_A_PIP_THAT_FAILS.replace("exit 1", "exit 0"))
    machine.set_up()
    blind = WITH_A_PIP_THAT_FAILS.replace("exit 1", "exit 0").replace(
        '"-c "*) exit 0', '"-c "*find_spec*) exit 1 ;; "-c "*) exit 0'
    )
    machine.add("../a checkout/.venv/bin/python", blind)

    result = machine.set_up()

    assert "making .venv" in result.stdout
    assert result.returncode == 0


@pytest.mark.parametrize("node", [None, OLD_NODE])
def test_no_node_that_is_new_enough(machine: Machine, node: str | None) -> None:
    machine.add("id", "#!/bin/sh\necho 1000\n")
    if node is not None:
        machine.add("node", node)
        machine.add("npm", NPM)
    assert sentence(machine.set_up_node()).endswith("is missing; run: apt-get install nodejs npm")
    assert machine.generations == []


def test_no_npm(machine: Machine) -> None:
    machine.add("id", "#!/bin/sh\necho 1000\n")
    machine.add("node", NEW_NODE)
    assert "or its npm, is missing" in sentence(machine.set_up_node())


def test_root_installs_node(machine: Machine) -> None:
    machine.add("id", "#!/bin/sh\necho 0\n")
    machine.add("ready-npm", NPM)
    machine.add(
        "apt-get",
        f"#!/bin/sh\n[ \"$1\" = update ] || {{ echo '#!/bin/sh' >'{machine.bin}/node';"
        f" /bin/chmod +x '{machine.bin}/node'; /bin/mv '{machine.bin}/ready-npm' '{machine.bin}/npm'; }}\n",
    )

    result = machine.set_up_node()

    assert "installing Node.js and npm" in result.stdout
    assert result.returncode == 0, result.stderr
    assert machine.generations == BOTH


def test_an_aging_node_gets_the_packages_that_it_can_run(machine: Machine) -> None:
    machine.add("node", AGING_NODE)
    machine.add("npm", NPM)
    assert machine.set_up_node().returncode == 0
    assert machine.generations == ["previous"]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js itself judges versions; there is none here")
@pytest.mark.parametrize(("needed", "installed"), [(">={}", BOTH), (">=4.99", BOTH), (">={}.99.3", []), (">=1{}", [])])
def test_the_version_that_packages_ask_for(machine: Machine, needed: str, installed: list[str]) -> None:
    (machine.bin / "node").symlink_to(shutil.which("node") or "")
    machine.add("npm", NPM)
    machine.add("id", "#!/bin/sh\necho 1000\n")
    ours = subprocess.run(["node", "-p", "process.versions.node"], capture_output=True, text=True, check=True).stdout
    for name in PACKAGES:
        (machine.home / name).write_text(json.dumps({"engines": {"node": needed.format(ours.partition(".")[0])}}))

    machine.set_up_node()

    assert machine.generations == installed


def test_no_lock_file_and_no_scripts(machine: Machine) -> None:
    machine.add("node", NEW_NODE)
    machine.add("npm", NPM)
    machine.set_up_node()
    said = (machine.home / PACKAGES[0]).with_name("npm.log").read_text()
    assert {"--no-package-lock", "--ignore-scripts"} <= set(said.split())


@pytest.mark.parametrize(
    ("npm_says", "expected"),
    [
        ("npm error code ENOTFOUND", "npm cannot reach its registry"),
        ("npm error code ETARGET", "no versions that fit tests/interop/node/current/package.json"),
        ("npm error code ENOSPC", "npm could not install Slack's Node packages"),
    ],
)
def test_what_npm_could_not_do(machine: Machine, npm_says: str, expected: str) -> None:
    machine.add("node", NEW_NODE)
    machine.add("npm", NPM)
    result = machine.set_up_node(NPM_SAYS=npm_says)
    assert expected in sentence(result)
    assert npm_says in result.stderr
    assert "installing" in machine.set_up_node().stdout


def test_ready_node_packages_are_left_alone_until_something_changes(machine: Machine) -> None:
    machine.add("node", NEW_NODE)
    machine.add("npm", NPM)
    assert machine.set_up_node().stdout.count("installing") == 2
    assert machine.set_up_node().stdout == ""

    with (machine.home / PACKAGES[1]).open("a", encoding="utf-8") as packages:
        packages.write("\n")
    assert machine.set_up_node().stdout == "setup: installing Slack's Node packages, previous generation\n"
    shutil.rmtree((machine.home / PACKAGES[0]).with_name("node_modules"))
    assert machine.set_up_node().stdout == "setup: installing Slack's Node packages, current generation\n"


@pytest.mark.parametrize("name", PACKAGES)
def test_node_packages_are_names_and_exact_versions(name: str) -> None:
    packages = json.loads((ROOT / name).read_text("utf-8"))
    pinned = packages["dependencies"] | packages["overrides"]
    assert [one for one, version in pinned.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert packages["private"]
    assert not {"scripts", "resolutions"} & packages.keys()
    assert list(packages["overrides"]) == sorted(packages["overrides"])


def gate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_gate", ROOT / "scripts" / "coverage_gate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(total: float = 100.0, **holes: Any) -> dict[str, Any]:
    """A report like coverage's; `holes` are missing lines and branches of `link`, the protocol's file."""
    lines, branches = holes.get("lines", []), holes.get("branches", [])

    def of(lines: list[int], branches: list[list[int]]) -> dict[str, Any]:
        summary = {"missing_lines": len(lines), "missing_branches": len(branches), "percent_covered": 90.0}
        return {"summary": summary, "missing_lines": lines, "missing_branches": branches}

    return {
        "totals": {"percent_covered": total},
        "files": {
            "src/tautwire/protocol/link.py": of(lines, branches),
            "src/tautwire/delivery/receiver.py": of([], []),
            "src/tautwire/inbox/rules.py": of([], []),
            "src/tautwire/local/faults/table.py": of([], []),
            "src/tautwire/local/broker.py": of([4], [[1, -1]]),
        },
    }


def test_the_gate_opens_when_all_bars_are_reached() -> None:
    assert gate().verdict(measured(95.0)) == []


def test_the_gate_names_the_file_and_its_gaps() -> None:
    complaints = gate().verdict(measured(lines=[3, 7, 8, 9], branches=[[1, 3], [8, -5]]))
    assert complaints == [
        "src/tautwire/protocol/link.py: 90.00 % is below 100 %; not run: lines 3, 7-9; branches 1->3, 8->exit"
    ]


def test_a_missed_branch_alone_closes_the_gate() -> None:
    assert len(gate().verdict(measured(branches=[[1, 3]]))) == 1


def test_the_whole_has_a_bar_too() -> None:
    (complaint,) = gate().verdict(measured(94.99))
    assert complaint.startswith("the whole: 94.99 % is below 95 %")
    assert "src/tautwire/local/broker.py (2)" in complaint


def test_what_was_not_measured_is_not_full() -> None:
    report = measured()
    del report["files"]["src/tautwire/local/faults/table.py"]
    assert len(gate().verdict(report)) == 1


@pytest.mark.parametrize(("total", "status"), [(100.0, 0), (12.0, 1)])
def test_the_gates_exit_status(total: float, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps(measured(total)))
    assert gate().main([str(report)]) == status
    assert f"coverage: {total:.2f} %" in capsys.readouterr().out
