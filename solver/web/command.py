"""`convsolver web`: a page that asks this command line, for this machine alone."""

from __future__ import annotations

from contextlib import suppress

import click

from solver.cli.options import Whole


@click.command(
    epilog="""\b
Examples:
  $ convsolver web
  $ convsolver web --open
  $ convsolver web --port 8724 --seconds 10
"""
)
@click.option("--port", type=Whole(0), default=8723, metavar="N", help="8723 by default; 0: any.")
@click.option("--seconds", type=Whole(), default=60, metavar="N", help="Of a question; 60 if not.")
@click.option("--open", "shown", is_flag=True, help="Open the page in a browser.")
def web(port: int, seconds: int, shown: bool) -> None:
    """Answer on a page in the browser: sizes, layers, networks and pictures.

    The page is served to this machine alone, at the address that is printed with a token; no other
    page may ask. What is posted is read as the commands read it and never executed, in a process
    that may not write, and no longer than --seconds. Ctrl-C ends it.
    """
    from solver.web.server import PageServer

    with suppress(KeyboardInterrupt), PageServer(port, seconds) as server:
        click.echo(server.address)
        click.echo("Ctrl-C ends it", err=True)
        if shown:
            import webbrowser  # only here

            webbrowser.open(server.address)
        server.run()
