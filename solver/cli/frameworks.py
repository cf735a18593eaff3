"""`convsolver frameworks`: what each framework calls an operation, its rule, its gotcha."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.cli.options import answer, chosen, formats
from solver.errors import SolverError
from solver.sizes.operations import OPERATIONS, operation

if TYPE_CHECKING:
    from solver.layers.row import Framework
    from solver.render.frameworks import Chosen


def complete_word(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offer the frameworks and the operations to the shell."""
    from solver.frameworks import NAMES

    names = [*NAMES, "all", *(name for row in OPERATIONS for name in (row.name, *row.aliases))]
    return [name for name in names if name.startswith(incomplete)]


@click.command(
    epilog="""\b
Examples:
  $ convsolver frameworks
  $ convsolver frameworks deconv
  $ convsolver frameworks keras onnx "max pooling"
  $ convsolver frameworks tf.nn.conv2d --format markdown
  $ convsolver frameworks jax --json
"""
)
@click.argument("words", nargs=-1, metavar="[WORD]...", shell_complete=complete_word)
@formats("table", "plain", "json", "csv", "markdown")
def frameworks(words: tuple[str, ...], form: str | None, as_json: bool) -> None:
    """Print what each framework calls an operation, its arguments, size rule and gotcha.

    A WORD is a framework (torch, keras, tensorflow, jax, flax, paddle, onnx, caffe), or an
    operation: ours (conv, deconv), a kind (max pooling) or a name of one (Conv2DTranspose).
    Frameworks narrow what is shown of the operations; all stands for every operation. Without
    words: an index of their names.
    """
    form = chosen(form, as_json)
    answer(read_words(words), form)


def read_words(words: tuple[str, ...]) -> Chosen:
    """What words ask for. Raises SolverError for an unknown one."""
    from solver.frameworks import NAMES, framework
    from solver.render.frameworks import Chosen, kinds

    every = tuple(map(framework, NAMES))
    known = kinds(every)
    named = [table for word in words if (table := _framework(word))]
    asked = [word for word in words if not _framework(word)]
    if " ".join(asked).lower() in _low(known):  # max pooling, without quotes
        asked = [" ".join(asked)]
    wanted = [kind for word in asked for kind in _kinds(word, known, every)]
    tables = tuple(table for table in every if not named or table in named)
    own = kinds(tables)
    found = tuple(kind for kind in known if kind in own and (kind in wanted or not asked))
    if not found:
        titles = " and ".join(table.title for table in tables)
        rule = f"the tables have no such operation of {titles}"
        raise SolverError(rule, ", ".join(wanted), ", ".join(own))
    return Chosen(tables, found, bool(named) and not asked, not words)


def _framework(word: str) -> Framework | None:
    from solver.frameworks import framework

    try:
        return framework(word)
    except SolverError:
        return None


def _kinds(word: str, known: tuple[str, ...], tables: tuple[Framework, ...]) -> tuple[str, ...]:
    """The kinds of operations that a word names. Raises SolverError for an unknown one."""
    plain = word.lower()
    if plain == "all":
        return known
    if plain in _low(known):
        return tuple(kind for kind in known if kind.lower() == plain)
    if any(plain in (row.name, *row.aliases) for row in OPERATIONS):
        return (operation(plain).title,)
    parts = tuple(kind for kind in known if plain.removesuffix("s") in kind.lower().split())
    if parts:
        return parts
    if found := _of_frameworks(word, tables):
        return found
    raise SolverError("unknown framework or operation", word, _nearest(plain, known, tables))


def _of_frameworks(word: str, tables: tuple[Framework, ...]) -> tuple[str, ...]:
    """The kinds of the operations that frameworks know by a name."""
    from solver.render.frameworks import kinds_of

    found: list[str] = []
    for table in tables:
        try:
            found += kinds_of(table.find(word)[0])
        except SolverError:
            continue
    return tuple(found)


def _nearest(plain: str, known: tuple[str, ...], tables: tuple[Framework, ...]) -> str:
    """Return words like an unknown one, or words to begin with."""
    from difflib import get_close_matches  # only for this message

    from solver.frameworks import NAMES
    from solver.render.frameworks import title

    names = {kind.lower(): kind for kind in known}
    rows = [row for table in tables for row in table.rows]
    names |= {row.named(a).lower(): title(row) for row in rows for a in row.axes or (None,)}
    names |= {name: name for row in OPERATIONS for name in (row.name, *row.aliases)}
    names |= {name: name for name, aliases in NAMES.items() for name in (name, *aliases)}
    near = get_close_matches(plain[:40], names, 3) or [name for name in names if plain[:40] in name]
    return ", ".join(dict.fromkeys(names[name] for name in near[:3])) or ", ".join(
        (*NAMES, "deconv", "all")
    )


def _low(known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kind.lower() for kind in known)
