"""``sideman studio``: a server on this machine, and its page in the browser."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sideman.cli.options import option

_PORT = 7711


@click.command("studio")
@option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="Address to listen on; with one that others can reach, a token is needed.",
)
@option(
    "--port",
    type=click.IntRange(1, 65535),
    default=_PORT,
    metavar="N",
    help="Port; the next free one if it is taken.",
)
@option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    default_text="the user's data folder",
    help="Folder of the takes.",
)
@option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    default_text="processors less one",
    help="Number of solos that are played at once.",
)
@option("--browser/--no-browser", default=True, help="Open the page in the browser.")
@option(
    "--allow-host",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="Also answer to this name; repeatable.",
)
@option("--log-json", "log", is_flag=True, help="Print a line of JSON for each request.")
@option(
    "--backup",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all takes to this new file, and start nothing.",
)
def command(
    host: str,
    port: int,
    data: Path | None,
    workers: int | None,
    browser: bool,
    allowed: tuple[str, ...],
    log: bool,
    backup: Path | None,
) -> None:
    """Open the studio: improvise, look and listen in the browser.

    A server starts on this machine, and its page is opened.  Ctrl-C ends it; takes are kept.
    """
    from sideman.studio import store

    folder = data or store.user_folder()
    if backup is not None:
        store.back_up(folder, backup)
        click.echo(f"{backup}  all takes of {folder}")
        return
    _serve(folder, host, port, workers or max(1, (os.cpu_count() or 2) - 1), browser, allowed, log)


def _serve(
    folder: Path,
    host: str,
    port: int,
    workers: int,
    browser: bool,
    allowed: tuple[str, ...],
    log: bool,
) -> None:
    import contextlib
    import secrets

    from sideman.studio import pool, ports
    from sideman.studio.settings import Settings, is_loopback

    token = "" if is_loopback(host) else secrets.token_urlsafe(16)
    with ports.bound(host, port) as listening:
        names = (*allowed, _shown(host))  # the address that is printed is answered
        settings = Settings(folder, host, workers, names, token, log)
        players, readers = pool.players(workers), pool.readers()
        readers.warm()
        players.warm()
        from sideman.studio import app, serving  # takes a second, while the processes start

        application = app.create(settings, players, readers)
        if notice := application.state.studio.store.notice:
            click.echo(f"sideman: {notice}", err=True)
        address = f"http://{_shown(host)}:{listening.getsockname()[1]}/"
        click.echo(f"studio: {address}{f'?token={token}' if token else ''}")
        click.echo(f"takes:  {folder}\nCtrl-C ends it.")
        if browser:
            _open_soon(f"{address}{f'?token={token}' if token else ''}")
        with contextlib.suppress(KeyboardInterrupt):
            serving.serve(application, listening)
    click.echo("The studio is closed; the takes are kept.")


def _shown(host: str) -> str:
    import socket

    from sideman.studio.settings import EVERYWHERE

    if host in EVERYWHERE:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _open_soon(address: str) -> None:
    """Open the browser from a thread, because some of them wait for their window to close."""
    import threading
    import webbrowser

    timer = threading.Timer(0.5, webbrowser.open, (address,))
    timer.daemon = True
    timer.start()
