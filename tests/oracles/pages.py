"""What console blocks of pages print now; `python tests/oracles/pages.py` writes it again."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from cli_fixtures import ROOT, run

#: Pages that a script writes are written by that script.
WRITTEN = {path.stem for path in ROOT.glob("docs/*.py")}


def pages() -> list[Path]:
    """The pages that people write, and that need nothing else."""
    found = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
    needy = {each for each in found if re.search(r"(?m)^Needs: ", each.read_text(encoding="utf-8"))}
    return [each for each in found if each not in needy and each.stem not in WRITTEN]


def again(page: str) -> str:
    """A page with what each command prints now.

    >>> print(again("```console\\n$ convsolver size conv 9 -k 3\\n8\\n$ echo $?\\n```\\n"), end="")
    ```console
    $ convsolver size conv 9 -k 3
    7
    $ echo $?
    0
    ```
    """
    return re.sub(r"(?ms)(?<=^```console\n).*?(?=^```$)", lambda found: _block(found[0]), page)


def _block(block: str) -> str:
    return "".join(_shown(re.findall(r"^\$ (.+)$", block, re.M))).lstrip("\n")


def _shown(commands: list[str]) -> Iterator[str]:
    code = 0
    for command in commands:
        if command == "echo $?":
            yield f"$ {command}\n{code}\n"
            continue
        found = run(*shlex.split(command)[1:])
        code = found.code
        yield f"\n$ {command}\n" + f"{found.out}{found.err}".rstrip("\n") + "\n"


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    for path in pages():
        path.write_text(again(path.read_text(encoding="utf-8")), encoding="utf-8")
