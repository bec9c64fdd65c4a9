"""The loops of errands, as the tests of the console run them."""

from app.console.selections import SELECTIONS
from app.errands.doing import Means
from app.errands.files import Files
from app.errands.kinds import Lane
from app.errands.own_lists import EXPORTS
from app.loops.errands import Errands
from app.store.documents import Documents
from tests.app.console.team import Team


def work(team: Team) -> None:
    """The loops of errands, until nothing is due."""
    documents = team.settings.documents
    means = Means(
        team.database,
        Files(team.settings.errand_files),
        Documents(documents),
        team.settings.secret,
        EXPORTS,
        SELECTIONS,
    )
    for lane in Lane:
        errands = Errands(means, lane, clock=team.clock.now)
        while errands.tick(team.clock.now()):
            continue
