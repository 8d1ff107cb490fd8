"""The rules of the house, as tests: who imports whom, how large modules are, and what a command must bring along."""

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import run
from bot.call import Call
from bot.chat.command import Command, Kind, spelt, two_worded, typed_options
from bot.settings import Settings
from bot.translator import LANGUAGES, Translator
from commands import COMMANDS
from tests.support.needs import need

ROOT = Path(run.__file__).parent
HOUSE = ("bot", "adapters", "storage", "commands")
LONGEST = 300
BOUNDARIES = {"bot/dispatch.py", "bot/delivery.py", "bot/intake.py", "bot/app.py"} | {
    f"adapters/{platform}/listeners.py" for platform in ("slack", "discord")
}
"""Where every error is caught: one command, one notice, one mail, one part that runs by itself, one event told."""
COMMAND_LINE = {"bot/__main__.py"}

SLACKS_OWN = """
call away active search status open who apps archive collapse dm dnd expand feed feedback huddle invite join leave me
msg mute pref prefs remind remove rename shortcuts shrug star topic keys kick part unarchive
"""
"""Slash commands that Slack keeps for itself."""
DISCORDS_PATTERN = r"[a-z0-9_-]{1,32}"
"""What Discord allows as the name of a slash command and of its options."""

OTHERS = ("tests", "benchmarks", "docs", ".ci", "Makefile", "run.py", "README.md", ".env.example", "pyproject.toml")
FOLDERS = r"(?<![\w.])/(?:(?:work|tmp|root|Users)(?:/|\b)|home/)"
OF_ONE_MACHINE = re.compile(FOLDERS + r"|[p]ypi[.]|pythonh[o]sted|[./]simple/\b")
"""Folders of the machine that something was written on (/home alone is a command), and hosts of package registries."""


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders or HOUSE for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def everywhere() -> Iterator[tuple[str, ast.AST]]:
    """Every node of every module of the house, with the module's name."""
    for path in modules():
        for node in ast.walk(tree(path)):
            yield name_of(path), node


def command_files() -> list[Path]:
    return [path for path in modules("commands") if path.stem != "__init__"]


# --- modules ------------------------------------------------------------------------------------------------


def test_imports_lead_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    need("import-linter", linter.exists(), "`python3 run.py setup` installs it")
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-3000:]
    assert "0 broken" in told.stdout


def test_modules_stay_small() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert len(lengths) > 60
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_in_a_sentence_what_lives_there() -> None:
    first_lines = {name_of(path): (ast.get_docstring(tree(path)) or "").partition("\n")[0] for path in modules()}
    assert {name for name, line in first_lines.items() if len(line) < 15 or not line.endswith((".", ":"))} == set()


def test_errors_are_caught_broadly_only_at_the_boundaries() -> None:
    broad = {name for name, node in everywhere() if isinstance(node, ast.ExceptHandler) and swallows_everything(node)}
    assert broad == BOUNDARIES


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """Whether it catches any error, and does not end by raising it again."""
    is_broad = handler.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(handler.type))
    last = handler.body[-1]
    return bool(is_broad) and not (isinstance(last, ast.Raise) and last.exc is None)


def test_only_the_command_line_prints() -> None:
    calls = ((name, node.func) for name, node in everywhere() if isinstance(node, ast.Call))
    printing = {name for name, called in calls if isinstance(called, ast.Name) and called.id in ("print", "pprint")}
    assert printing == COMMAND_LINE


IMPORT_ALL = """
import importlib, sys, threading
root, folders, *names = sys.argv[1:]
ours = tuple(f"{root}/{folder}/" for folder in folders.split())
WATCHED = ("socket.__new__", "sqlite3.connect", "subprocess.Popen", "os.mkdir")

def hear(event, arguments):
    if event in WATCHED or (event == "open" and set(str(arguments[1])) & set("wax+")):
        frame = sys._getframe(1)
        while frame and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        if frame and frame.f_code.co_filename.startswith(ours):
            print(frame.f_code.co_filename, frame.f_lineno, event)

sys.addaudithook(hear)
for name in names:
    importlib.import_module(name)
print(threading.active_count(), "thread")
"""
"""What a library does while it is imported is its own affair (some try out a socket): the module at work counts."""


def test_nothing_is_created_at_import(tmp_path: Path) -> None:
    """No socket (so no event loop either), thread, database, process, folder or file; and no setting is read."""
    names = [
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in modules()
        if "migrations" not in path.parts
    ]
    told = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, str(ROOT), " ".join(HOUSE), *names],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HTTP_PORT": "not a port"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout.strip(), told.stderr) == ("1 thread", "")
    assert list(tmp_path.iterdir()) == []


def test_the_project_speaks_of_itself_alone() -> None:
    files = [
        path
        for start in (ROOT / name for name in (*HOUSE, *OTHERS))
        for path in ([start] if start.is_file() else sorted(start.rglob("*")))
        if path.is_file() and path.suffix not in (".pyc", ".png") and path != Path(__file__)
    ]
    assert len(files) > 100
    told = [
        f"{name_of(path)}: {found[0]}"
        for path in files
        for found in OF_ONE_MACHINE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert told == []


# --- commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", command_files(), ids=lambda path: path.stem)
def test_a_command_is_one_file_and_one_line_of_the_index(path: Path) -> None:
    made = [
        node
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and "COMMAND" in ast.unparse(node).partition("=")[0].split()
    ]
    assert len(made) == 1
    command = importlib.import_module(f"commands.{path.stem}").COMMAND
    assert command.name == path.stem
    assert [one.name for one in COMMANDS].count(command.name) == 1


def test_the_index_holds_nothing_else() -> None:
    assert sorted(one.name for one in COMMANDS) == sorted(path.stem for path in command_files())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_may_be_called_so_on_every_platform(command: Command[Call]) -> None:
    assert command.name not in SLACKS_OWN.split()
    names = [option.name for option in command.options]
    assert [name for name in (command.name, *names) if not re.fullmatch(DISCORDS_PATTERN, name)] == []
    assert len(names) == len(set(names))
    required = [option.required for option in command.options]
    assert required == sorted(required, reverse=True), "Discord wants the required options first"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_brings_its_texts_in_every_language(command: Command[Call], language: str) -> None:
    wanted = {f"command.{command.name}", f"example.{command.name}"}
    wanted |= {f"option.{option.name}" for option in command.options}
    wanted |= {f"choice.{choice}" for option in command.options for choice in option.choices}
    if any(option.required or option.asked for option in command.options):
        wanted.add(f"form.{command.name}")
    assert wanted - Translator().texts(language, "").keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_example_of_a_command_can_be_typed(command: Command[Call], language: str) -> None:
    example = Translator().texts(language, "example.")[f"example.{command.name}"]
    verb, rest = as_typed(example)
    given = typed_options(rest, command.options)
    assert verb == command.name
    assert example.startswith(f"/{spelt(command.name)}")
    assert {option.name for option in command.options if option.required} <= given.keys()
    assert all(given.get(one.name, "") in ("", *one.choices) for one in command.options if one.kind is Kind.CHOICE)


def as_typed(line: str) -> tuple[str, str]:
    """The verb and the words of a typed line."""
    first, _, words = line.removeprefix("/").partition(" ")
    return two_worded(first, words, {command.name for command in COMMANDS})


# --- the handbook -------------------------------------------------------------------------------------------


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_knows_every_command_and_no_other() -> None:
    rows = re.findall(r"^\| `(/[a-z]+[^`|]*)[^|]*\|", readme(), re.MULTILINE)
    assert sorted(as_typed(row)[0] for row in rows) == sorted(command.name for command in COMMANDS)


def test_the_readme_names_settings_that_there_are() -> None:
    named = set(re.findall(r"`([A-Z]+_?[A-Z_]+)(?:=[^`]*)?`", readme()))
    others = {"TEST_DATABASE_URL", "MADOGUCHI_REQUIRE", "LICENSE"}
    assert {name.lower() for name in named - others} == set(Settings.model_fields)


def test_what_the_readme_points_to_is_there() -> None:
    targets = re.findall(r"""\]\(([^)#]+)\)|src(?:set)?="([^"]+)\"""", readme())
    files = {path or source for path, source in targets} - {"docs/workspace.png"}
    assert files
    assert [name for name in files if "://" not in name and not (ROOT / name).exists()] == []
