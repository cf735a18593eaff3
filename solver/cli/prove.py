"""`convsolver prove`: a claim about sizes, proved or refuted."""

from __future__ import annotations

import click

from solver.cli.options import answer, certificates, chosen, formats, write_certificate


@click.command(
    epilog="""\b
Examples:
  $ convsolver prove "conv(n, k=3, s=2, p=1) == ceil(n/2)"
  $ convsolver prove "conv(deconv(n, k=4, s=2, p=1), k=3, s=2, p=1) == n"
  $ convsolver prove "conv(n, k, s, p=(k-1)/2) == ceil(n/s)"
  $ convsolver prove "deconv(conv(n,3,2,1), 3,2,1) == n" --where "n % 2 == 1"
  $ convsolver prove "maxpool(n, 2) == n/2" --smtlib
""",
)
@click.argument("claim")
@click.option("--where", default="", metavar="CONDITION", help="Narrow the n and other letters.")
@click.option("--smtlib", is_flag=True, help="Print SMT-LIB 2 instead: unsat confirms the claim.")
@certificates
@formats("table", "plain", "json", "latex", "markdown")
@click.pass_context
def prove(
    ctx: click.Context,
    /,
    claim: str,
    where: str,
    smtlib: bool,
    certificate: str | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Decide a claim such as "conv(n, k=3, s=2, p=1) == ceil(n/2)".

    Layers are functions of a size: conv, deconv, maxpool, avgpool, with k, s, p (p=1:2 is
    begin:end), d, a and ceil_mode=True. n stands for every size at which all kernels fit, other
    letters for every whole number they may be. Exit code 0: proved. 1: refuted, by the smallest n.
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
        answer(Judged(verdict), form)
    ctx.exit(0 if verdict.proved else 1)
