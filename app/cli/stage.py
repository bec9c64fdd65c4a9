"""The stage on a terminal: its link at once, a bar while the thousand are walked, their summary."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import typer

from app.cli.databases import empty
from app.cli.lab import BROKEN, walking
from app.cli.output import fail, progress, result, show
from app.cli.run import address_of, listen, serve_pages

if TYPE_CHECKING:
    from app.lab.stage.play import Places
    from app.lab.stage.walking import Walk, Walking
    from app.settings import Settings
    from app.store.engines import Database

LOOPBACK = "127.0.0.1"  # how a browser on this machine calls any address that we listen on


def play(walk: Walk, *, host: str, port: int) -> None:
    """Serves the stage until Ctrl+C. The link is said before anything slow: a browser waits."""
    listening = listen(host, port), listen(host, port + 1 if port else 0)
    stage, thousand = (_seen(each) for each in listening)
    show(f"The stage is open: {stage}\nPlay one customer; the thousand are walked meanwhile.\n")

    from app.lab.stage.play import Places, Play
    from app.lab.stage.walking import Walking
    from app.settings import Settings

    places = Places(stage, thousand, listening[1].getsockname()[1])
    with empty(walk.url) as database, tempfile.TemporaryDirectory(prefix="duly-") as folder:
        walker = Walking(walk)
        play = Play(Path(folder) / "story", walk.today, database, walker, places)
        walker.start()  # last: until here the stage needs the machine for itself
        over = Event()
        settings = _settings_of(walk.url, places.thousand, Path(folder))
        following = Thread(
            target=_follow, args=(walker, places, database, settings, over), daemon=True
        )
        following.start()
        try:
            serve_pages(play.web, Settings(log_level="warning"), *listening)
        finally:
            over.set()
            walker.stop()
            following.join()
            play.close()
    if walker.result and any(promise.violations for promise in walker.result.promises):
        raise typer.Exit(1)


def _seen(listening: socket.socket) -> str:
    address = address_of(listening)
    return address.replace("0.0.0.0", LOOPBACK).replace("[::]", LOOPBACK)


def _settings_of(url: str, origin: str, folder: Path) -> Settings:
    """How the loops run over the book, once it is walked: nothing of theirs outlives the stage."""
    from app.settings import Settings

    return Settings(
        database_url=url,
        base_url=origin,
        log_level="warning",
        sandbox_ledger=folder / "sandbox.sqlite3",
        gateway_ledger=folder / "gateway.sqlite3",
        documents=folder / "documents",
    )


def _follow(
    walk: Walking, places: Places, database: Database, settings: Settings, over: Event
) -> None:
    """Shows the bar, and what came of the walk. Then the loops run over the book, so that what the
    team does in the console takes effect, until the stage is `over`."""
    from app.cli.parts import built
    from app.cli.run import running, schedule_of
    from app.lab.feed import rest
    from app.lab.showcase import showcase
    from app.lab.stage.walking import WalkFailed
    from app.lab.summary import render_summary
    from app.wording.links import token

    try:
        with progress(walking(walk.walk.days, walk.walk.customers)) as tell:
            done = walk.follow(tell)
    except WalkFailed as problem:
        if not walk.is_stopped:
            fail(problem)
        return
    render_summary(done, result())
    if any(promise.violations for promise in done.promises):
        fail(BROKEN)
    show(f"\n{'The thousand, one by one':32} {places.stage}/thousand")
    show(f"{'Every message as it was seen':32} {places.thousand}/outbox")
    show(f"{'The console of the team':32} {places.thousand}/console/")
    secret = settings.secret
    for shown in showcase(database):
        show(f"{shown.label:32} {places.thousand}/p/{token(secret, shown.link_id)}")
    show("\nCtrl+C ends it. Nothing leaves this machine.")
    rest(database)
    with built(settings) as parts, running(schedule_of(parts)):
        over.wait()
