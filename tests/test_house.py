"""The house is as the README draws it."""

import ast
import filecmp
import re
from pathlib import Path

import pytest

from protos.generate import generate
from service.settings import Settings

ROOT = Path(__file__).parents[1]
FLOORS = [
    ["service.cli"],
    ["service.rpc"],
    ["service.labelling", "service.clustering", "service.archive", "service.storage"],
    ["training"],
]


def modules(folder):
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path, ast.parse(path.read_text())


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def floor(module):
    for height, names in enumerate(FLOORS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return height
    return None


def test_imports_point_down():
    upward = [
        (name, imported)
        for folder in ("service", "training")
        for path, tree in modules(folder)
        for name in [".".join(path.relative_to(ROOT).with_suffix("").parts)]
        for imported in imports(tree)
        if floor(name) is not None
        and (floor(imported) or 0) < (floor(name) or 0)
        and floor(imported) is not None
    ]
    assert upward == []


def test_training_never_imports_the_service():
    found = [
        path for path, tree in modules("training") for name in imports(tree) if "service" in name
    ]
    assert found == []


def test_only_rpc_sees_the_wire_format():
    strangers = [
        path
        for folder in ("service", "training")
        for path, tree in modules(folder)
        if path.parent.name != "rpc" and any("topicwire.v1" in name for name in imports(tree))
    ]
    assert strangers == []


def test_files_are_short():
    lengths = sorted(
        len(path.read_text().splitlines())
        for folder in ("service", "training")
        for path, _ in modules(folder)
        if path.name != "__init__.py"
    )
    assert lengths[len(lengths) // 2] < 100
    assert lengths[-1] <= 300


def test_the_committed_stubs_are_what_the_protos_give(tmp_path):
    generate(tmp_path)
    fresh = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*_pb2*"))
    kept = sorted(
        path.relative_to(ROOT / "protos") for path in (ROOT / "protos").rglob("*_pb2*.py*")
    )
    assert fresh == [path for path in kept if "__pycache__" not in path.parts]
    _, different, missing = filecmp.cmpfiles(tmp_path, ROOT / "protos", fresh, shallow=False)
    assert (different, missing) == ([], [])


def test_the_readme_lists_every_setting_with_its_default():
    readme = (ROOT / "README.md").read_text()
    listed = dict(re.findall(r"^\| `TOPICWIRE_(\w+)` \| `?([^|`]*)`? \|", readme, re.MULTILINE))
    expected = {
        name.upper(): str(getattr(field.default, "value", field.default))
        for name, field in Settings.model_fields.items()
    }
    assert listed == expected


@pytest.mark.parametrize("name", [*Settings.model_fields])
def test_every_setting_is_documented_under_its_field(name):
    assert Settings.model_fields[name].description


def test_no_two_test_files_share_a_name():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
