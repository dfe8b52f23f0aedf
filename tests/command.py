"""Runs `topicwire` as a user does."""

import os
import subprocess
import sys
from pathlib import Path

TAXONOMY = """
[[topics]]
id = "sport"
name = "Sport"
description = "Matches, athletes and results."
seed_phrases = ["the team won the match"]

[[topics]]
id = "food"
name = "Food"
description = "Cooking, recipes and restaurants."
seed_phrases = ["bake the bread until golden"]
"""
ROWS = [
    {"text": "The striker scored twice in the final.", "labels": ["sport"]},
    {"text": "She won the tennis match in three sets.", "labels": ["sport"]},
    {"text": "Simmer the sauce and season it with basil.", "labels": ["food"]},
    {"text": "Knead the dough and leave it to rise.", "labels": ["food"]},
    {"text": "The parliament debated the budget.", "labels": []},
    {"text": "Rain is expected in the north.", "labels": []},
]
PLAIN = {"TERM": "dumb", "COLUMNS": "100"}


def topicwire(*args: object, cwd: Path, stdin: bytes = b"", **env: str):
    return subprocess.run(
        [Path(sys.executable).with_name("topicwire"), *map(str, args)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env={**os.environ, **PLAIN, "TOPICWIRE_CACHE": str(cwd / "cache"), **env},
        timeout=120,
        check=False,
    )
