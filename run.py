#!/usr/bin/env python3
"""The one way to set up and start Madoguchi, with nothing but Python 3.11+; the Makefile calls it too."""

# Kept readable for Python 3.6, so that an old one can say what it lacks: newer annotations are quoted.
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
LOCKS = {"run": ["requirements.lock"], "dev": ["requirements.lock", "requirements-dev.lock"]}
SHARED = ["--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal"]
"""Tests are shared among the processor's cores; each process starts its own database server, hence not more than 4."""
HELP = """\
make run     set up what is missing and start Madoguchi (without make: python3 run.py)
make test    run the tests                      (python3 run.py test -k claim; make test ARGS="-k claim")
make check   ruff, mypy and import-linter       (python3 run.py check)
make bench   run the benchmarks                 (python3 run.py bench)
make fuzz    read 100,000 broken mails          (python3 run.py fuzz --count 1000)
make lock    resolve the requirements again     (python3 run.py lock --upgrade takes newer versions)
make setup   set up .venv for development only  (python3 run.py setup)
make help    show this

python3 run.py ARGUMENTS passes any other arguments on to Madoguchi: python3 run.py doctor"""


def main(arguments: "list[str]") -> int:
    """Do what the first argument names; unknown ones belong to Madoguchi's own command line."""
    complaint = too_old(sys.version_info[:3])
    if complaint:
        return complain(complaint)
    os.chdir(str(ROOT))
    task, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    if task == "help":
        print(HELP)
        return 0
    if task == "lock":
        return lock(rest)
    complaint = set_up("dev" if task in ("test", "check", "bench", "fuzz", "setup") else "run")
    if complaint:
        return complain(complaint)
    if task == "setup":
        return 0
    if task == "check":
        return check()
    if task == "test":
        return become(["-m", "pytest", "-q", *SHARED, *rest])
    if task == "bench":
        return become(["-m", "benchmarks", *rest])
    if task == "fuzz":
        return become(["-m", "tests.fuzz", *(rest or ["--count", "100000"])])
    return become(["-m", "bot", task, *rest])


def too_old(version: "tuple[int, ...]") -> "str | None":
    """Say in a sentence that this Python is too old, naming a newer one at hand; None if it will do."""
    if version[:2] >= OLDEST:
        return None
    names = [f"python3.{minor}" for minor in range(30, OLDEST[1] - 1, -1)]
    newer = next((name for name in names if shutil.which(name)), None)
    mend = (
        f"{newer} is on this machine: {newer} run.py (or: make run PY={newer})"
        if newer
        else "install one (Debian 12, Ubuntu 24.04 and later: sudo apt install python3 python3-venv)"
    )
    found = ".".join(str(part) for part in version)
    return f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, and this one is {found}; {mend}."


def set_up(kind: str, venv: Path = VENV) -> "str | None":
    """Bring the locked packages of `kind` ("run" or "dev") into `venv`; None when ready, else the trouble."""
    identity = identity_of(venv)
    if identity and is_ready(kind, venv, identity):
        return None
    say(f"Setting up {venv.name} (once; about half a minute) ...")
    if not identity:
        complaint = create(venv)
        if complaint:
            return complaint
        identity = identity_of(venv)
        if not identity:
            return f"The new {venv} does not start: remove the folder and try again."
    for old in venv.glob(".ready-*"):
        old.unlink()
    lock_file = LOCKS[kind][-1]
    if not install(venv, lock_file):
        return f"{lock_file} could not be installed (see above). Is there a network? Then start again."
    stamp(kind, venv).write_text(identity, encoding="utf-8")
    return None


def is_ready(kind: str, venv: Path, identity: str) -> bool:
    """Whether the present locks were installed into this very environment; "dev" includes "run"."""
    stamps = [stamp("dev", venv)] if kind == "dev" else [stamp("dev", venv), stamp("run", venv)]
    return any(file.exists() and file.read_text(encoding="utf-8") == identity for file in stamps)


def stamp(kind: str, venv: Path) -> Path:
    """The file that exists once the `kind` packages of the present locks are installed."""
    checksum = 0
    for name in LOCKS[kind]:
        checksum = zlib.crc32((ROOT / name).read_bytes(), checksum)
    return venv / f".ready-{kind}-{checksum:08x}"


def identity_of(venv: Path) -> "str | None":
    """Folder and Python version of a working environment; None if it is missing, broken, or was moved."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.check_output([str(python_of(venv)), "-I", "-c", ask], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    identity = f"{venv} {answer.decode().strip()}"
    earlier = [file.read_text(encoding="utf-8") for file in venv.glob(".ready-*")]
    return identity if all(each == identity for each in earlier) else None


def create(venv: Path) -> "str | None":
    """Make a fresh environment, in place of a broken one; None when made, else what this machine lacks."""
    with_uv = shutil.which("uv") is not None
    if not with_uv and not has_ensurepip():
        return (
            "This Python cannot make virtual environments: its venv part is not installed"
            " (Debian, Ubuntu: sudo apt install python3-venv). Then start again."
        )
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    elif venv.exists():
        shutil.rmtree(str(venv))
    command = [sys.executable, "-m", "venv", str(venv)]
    if subprocess.call([*command, "--without-pip"] if with_uv else command) != 0:
        return f"The virtual environment {venv} could not be made (see above)."
    return None


def has_ensurepip() -> bool:
    """Whether this Python can put pip into an environment; Debian packs that part apart."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    return True


def install(venv: Path, lock_file: str) -> bool:
    """Install a lock file, each download checked against its hashes: by uv where it is there, else by pip."""
    python = str(python_of(venv))
    options = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock_file)]
    uv = shutil.which("uv")
    if uv and subprocess.call([uv, "pip", "install", "-q", "--python", python, *options]) == 0:
        return True
    pip = [python, "-m", "pip"]
    if subprocess.call([*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) != 0:
        subprocess.call([python, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    return subprocess.call([*pip, "install", "-q", "--disable-pip-version-check", *options]) == 0


def check() -> int:
    """Run every static check and report all of them; 0 only when each is content."""
    checks = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "import-linter": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
    }
    python = str(python_of(VENV))
    failed = [name for name, command in checks.items() if subprocess.call([python, *command]) != 0]
    return complain(f"Not content: {', '.join(failed)}.") if failed else 0


def lock(extra: "list[str]") -> int:
    """Resolve both requirement files for every platform, with hashes, without addresses; 0 when written."""
    uv = shutil.which("uv")
    if not uv:
        return complain("uv resolves the requirements and is not on the PATH: python3 -m pip install uv")
    options = ["--no-config", "--universal", "--python-version", "3.11", "--only-binary", ":all:", "--quiet"]
    options += [
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-header",
        "--no-annotate",
    ]
    for name in ("requirements", "requirements-dev"):
        command = [uv, "pip", "compile", *options, *extra, f"{name}.in", "-o", f"{name}.lock"]
        if subprocess.call(command, stdout=subprocess.DEVNULL) != 0:
            return complain(f"{name}.in could not be resolved (see above).")
    return 0


def become(arguments: "list[str]") -> int:
    """Let the environment's Python take over this process, so that signals reach the program itself."""
    command = [str(python_of(VENV)), *arguments]
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606
    return subprocess.call(command)


def python_of(venv: Path) -> Path:
    """Where an environment keeps its Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(sentence: str) -> None:
    """Tell the person at the terminal, apart from the output of the program."""
    print(sentence, file=sys.stderr, flush=True)


def complain(sentence: str) -> int:
    """Tell what is wrong and give the exit code for it."""
    say(sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
