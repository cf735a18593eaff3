"""`convsolver prove`: a claim about sizes, proved or refuted."""

from __future__ import annotations

from collections.abc import Iterator

import click

from solver.cli.options import answer, certificates, chosen, formats, write_certificate
from solver.sizes.domain import read_number
from solver.sizes.listed import combined, listed


@click.command(
    epilog="""\b
Examples:
  $ convsolver prove "conv(n, k=3, s=2, p=1) == ceil(n/2)"
  $ convsolver prove "conv(deconv(n, k=4, s=2, p=1), k=3, s=2, p=1) == n"
  $ convsolver prove "conv(n, k, s, p=(k-1)/2) == ceil(n/s)"
  $ convsolver prove "deconv(conv(n,3,2,1), 3,2,1) == n" --where "n % 2 == 1"
  $ convsolver prove "conv(h, k, s=2, p=k//2) <= h" --at 7..9,k=3
  $ convsolver prove "maxpool(n, 2) == n/2" --smtlib
""",
)
@click.argument("claim")
@click.option("--where", default="", metavar="CONDITION", help="Narrow the n and other letters.")
@click.option(
    "--at", metavar="LIST", help="Both sides at these sizes, and letters: 7, 5..9, 7,k=3,s=2."
)
@click.option("--smtlib", is_flag=True, help="Print SMT-LIB 2 instead: unsat confirms the claim.")
@certificates
@formats("table", "plain", "json", "latex", "mathml", "markdown")
@click.pass_context
def prove(
    ctx: click.Context,
    /,
    claim: str,
    where: str,
    at: str | None,
    smtlib: bool,
    certificate: str | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Decide a claim such as "conv(n, k=3, s=2, p=1) == ceil(n/2)".

    Layers are functions of a size: conv, deconv, maxpool, avgpool, with k, s, p (p=1:2 is
    begin:end), d, a and ceil_mode=True. n, or another letter where layers take a size, stands for
    every size at which all kernels fit, other letters for every whole number they may be. Exit
    code 0: proved. 1: refuted, by the smallest n.
    """
    from solver.proof import prove as decide

    verdict = decide(claim, where=where)
    if smtlib:
        from solver.proof.smtlib import smtlib as script

        click.echo(script(verdict.claim))
        return
    from solver.render.verdict import Judged

    form = chosen(form, as_json)
    if certificate is None or not write_certificate(verdict, certificate):
        answer(Judged(verdict, () if at is None else _values(at, verdict.claim.letters)), form)
    ctx.exit(0 if verdict.proved else 1)


def _values(words: str, letters: tuple[str, ...]) -> Iterator[dict[str, int]]:
    """The numbers for letters in words, every choice of them: a number alone is the size."""
    given: dict[str, list[str]] = {}
    for item in words.split(","):
        name, equals, values = item.partition("=")
        name, values = (name.strip(), values) if equals else ("".join(letters[:1]), item)
        given.setdefault(name, []).append(values.strip())
    sizes = [listed(values, "a value") for values in given.values()]
    for each in combined(*sizes):
        yield {
            name: read_number(size, "a value", words, words.find(size), 0)
            for name, size in zip(given, each, strict=True)
        }
