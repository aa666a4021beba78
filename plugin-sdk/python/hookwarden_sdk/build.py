"""Builds the policy in the working folder: `python -m hookwarden_sdk.build`.

It checks the types of `policy.py` by mypy, and makes `target/policies/<name>.wasm` by
componentize-py, each of the environment of the Python that runs this. The project's
`pyproject.toml` says the name, and where the contract is if not in `vendor/wit`:

    [project]
    name = "only-example-com"

    [tool.hookwarden]
    contract = "vendor/wit"

WASI stays in: its stubs would take more instances than the host has for one component,
have one seed for all random numbers, and no clock.
"""

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

#: The folder that has this package.
SDK = Path(__file__).resolve().parent.parent

#: The module that becomes the component.
COMPONENT = "hookwarden_sdk.component"


class BuildError(Exception):
    """Why there is no component."""


class Project(NamedTuple):
    """A policy's project."""

    folder: Path
    name: str
    contract: Path

    @staticmethod
    def read(folder: Path) -> "Project":
        """Reads a project's `pyproject.toml`."""
        path = folder / "pyproject.toml"
        try:
            pyproject: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BuildError(f"`{path.name}` cannot be read: {error}") from None
        name = pyproject.get("project", {}).get("name")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            raise BuildError(
                "`pyproject.toml` needs the policy's name, such as "
                '`[project] name = "only-example-com"`'
            )
        tool = pyproject.get("tool", {}).get("hookwarden", {})
        contract = folder / str(tool.get("contract", "vendor/wit"))
        if not contract.is_dir():
            raise BuildError(f"the contract is not in `{contract}` (`tool.hookwarden.contract`)")
        return Project(folder, name, contract)

    def world(self) -> str:
        """The name of the world `policy`, with its package."""
        path = self.folder / "wit" / "policy.wit"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise BuildError(f"`wit/policy.wit` cannot be read: {error}") from None
        package = re.search(r"^\s*package\s+([^;@\s]+)", text, re.MULTILINE)
        if package is None:
            raise BuildError("`wit/policy.wit` has no line such as `package local:policy;`")
        return f"{package.group(1)}/policy"

    def component(self) -> Path:
        """Where the component is put."""
        return self.folder / "target" / "policies" / f"{self.name}.wasm"


def mypy(project: Project) -> list[str]:
    """The command that checks types."""
    cache = project.folder / "target" / "mypy"
    return [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={cache}", "policy.py"]


def componentize_py(project: Project) -> list[str]:
    """The command that makes the component."""
    return [
        str(Path(sys.executable).with_name("componentize-py")),
        *("--quiet", "--full-names"),
        *("--wit-path", str(project.contract)),
        *("--wit-path", str(project.folder / "wit")),
        *("--world", project.world()),
        "componentize",
        *("--python-path", str(project.folder), "--python-path", str(SDK)),
        # What was installed beside the tools.
        *("--python-path", sysconfig.get_path("purelib")),
        *("--output", str(project.component())),
        COMPONENT,
    ]


def build(project: Project, *, check: bool = True) -> Path:
    """Builds a project, and says where the component is. What the tools say of an error
    goes to standard error.
    """
    if not (project.folder / "policy.py").is_file():
        raise BuildError("there is no `policy.py`")
    environment = os.environ | {"MYPYPATH": str(SDK), "RUST_BACKTRACE": "0"}
    if check:
        _run("mypy", mypy(project), environment, project.folder)
    project.component().parent.mkdir(parents=True, exist_ok=True)
    _run("componentize-py", componentize_py(project), environment, project.folder)
    return project.component()


def _run(tool: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BuildError(
            f"{tool} is not there: run `python3 -m venv .venv` and "
            "`.venv/bin/pip install -r requirements.txt`"
        ) from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise BuildError(f"{tool} failed\n{_without_own_trace(said)}")


def _without_own_trace(said: str) -> str:
    """What componentize-py says once, without where in itself it says so."""
    _, found, rest = said.rpartition("AssertionError: ")
    without_cause = (rest if found else said).partition("\n\nCaused by:")[0]
    return without_cause.rstrip()


def main(arguments: list[str]) -> int:
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hookwarden_sdk.build")
    parser.add_argument("--no-check", action="store_true", help="do not check types")
    options = parser.parse_args(arguments)
    try:
        component = build(Project.read(Path.cwd()), check=not options.no_check)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{component.relative_to(Path.cwd())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
