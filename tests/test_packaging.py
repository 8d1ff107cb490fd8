"""What makes a checkout start on a bare machine: the locks, the targets, and the sentences of run.py."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import run
from tests.support.needs import need

ROOT = Path(run.__file__).parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]
TARGETS = ["run", "test", "check", "bench", "fuzz", "lock", "help"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_download_from(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    assert [line for line in lines if re.search(r"https?:|file:|//|--(extra-)?index|--find-links", line)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_of_a_lock_has_one_version_and_hashes(name: str) -> None:
    requirements = (ROOT / name).read_text().replace("\\\n", " ").strip().splitlines()
    pinned = re.compile(r"[a-z0-9-]+==\S+( ; [^-][^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert requirements
    assert [line for line in requirements if not pinned.fullmatch(line.strip())] == []


def test_everything_asked_for_is_locked_and_in_the_same_version_for_users_and_developers() -> None:
    users, developers = (versions(name) for name in LOCKS)
    assert asked_for("requirements.in") - users.keys() == set()
    assert asked_for("requirements-dev.in") - developers.keys() == set()
    assert {name: developers.get(name) for name in users} == users


def test_the_licence_is_here() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c)")


@pytest.mark.parametrize("folder", ["bot", "adapters", "storage", "commands"])
def test_every_folder_of_modules_is_a_package_so_that_the_import_rules_see_it(folder: str) -> None:
    folders = {module.parent for module in (ROOT / folder).rglob("*.py")}
    scripts = ROOT / "storage" / "migrations"
    blind = {each for each in folders if not (each / "__init__.py").exists() and not each.is_relative_to(scripts)}
    assert folders
    assert blind == set()


def test_make_help_lists_the_targets() -> None:
    make = shutil.which("make")
    need("make", make is not None, "install the package make, or use python3 run.py instead")
    said = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [target for target in TARGETS if f"make {target} " not in said] == []


def test_an_old_python_is_refused_in_a_sentence_and_a_new_one_is_not() -> None:
    refused = run.too_old((3, 10, 14))
    assert refused is not None
    assert refused.startswith("Python 3.11 or newer is needed, and this one is 3.10.14; ")
    assert run.too_old((3, 11, 0)) is None
    assert run.too_old((4, 0, 0)) is None


def test_a_missing_or_broken_environment_is_not_taken_for_a_working_one(tmp_path: Path) -> None:
    assert run.identity_of(tmp_path / "missing") is None
    interpreter = run.python_of(tmp_path / "broken")
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(tmp_path / "python-that-was-removed")
    assert run.identity_of(tmp_path / "broken") is None


def test_an_environment_that_was_moved_is_built_again(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    interpreter = run.python_of(home)
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(run.python_of(run.VENV) if run.VENV.exists() else Path(shutil.which("python3") or ""))
    identity = run.identity_of(home)
    assert identity is not None
    run.stamp("run", home).write_text(identity)
    assert run.is_ready("run", home, identity)
    assert run.identity_of(home) == identity
    home.rename(other)
    assert run.identity_of(other) is None


def asked_for(name: str) -> set[str]:
    """The packages that a requirements file names itself."""
    lines = (ROOT / name).read_text().splitlines()
    return {canonical(line) for line in lines if line and not line.startswith(("#", "-"))}


def versions(name: str) -> dict[str, str]:
    """Package to version, as a lock pins them."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def canonical(requirement: str) -> str:
    """The name of a requirement as the locks write it: discord.py is discord-py."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()
