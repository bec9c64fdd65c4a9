"""Templates are drafted in all their languages at once."""

from app.drafting import acts
from app.drafting.checking import check
from app.drafting.contents import Kind
from app.drafting.origin import files_of, published
from app.drafting.reading import Draft
from app.store.engines import Database
from app.store.publishing import contents, current_of, publish
from app.wording.files import DraftFile, by_template, read_file, shipped_files
from app.wording.revisions import revision_of
from app.wording.samples import shipped
from app.wording.words import from_canonical
from app.wording.writing import written
from tests.factories import NOON, add_creditor


def test_every_shipped_word_is_read_back_as_it_was_written() -> None:
    for drafts in by_template(shipped_files()):
        for draft in drafts:
            words, _ = read_file(draft)
            assert words is not None
            again, findings = read_file(DraftFile(draft.path, written(words)))
            assert findings == []
            assert again is not None
            assert again.content() == words.content()


def test_a_draft_begins_with_the_files_that_ship(database: Database) -> None:
    with database.read() as session:
        found = published(session, Kind.TEMPLATE, "thank_you")
    assert found is not None
    assert set(found[1]) == {"ar.yaml", "de.yaml", "en.yaml", "he.yaml", "lt.yaml"}
    ships = {f.path: f.text for f in shipped_files() if "/thank_you/" in f.path}
    assert found[1]["he.yaml"] == ships["templates/messages/thank_you/he.yaml"]


def test_words_that_were_published_without_a_draft_are_written_out(database: Database) -> None:
    content = shipped().revisions()[shipped().hash_of("thank_you")]
    edited = content.replace("תודה רבה", "תודה לך")
    assert edited != content
    with database.write() as session:
        digest = publish(session, "template", "thank_you", edited, now=NOON)
        files = files_of(session, Kind.TEMPLATE, "thank_you", digest)
    read = [read_file(DraftFile(name, text))[0] for name, text in files.items()]
    assert revision_of([words for words in read if words]).hash == digest


def _begun(database: Database) -> Draft:
    with database.write() as session:
        return acts.begin(session, Kind.TEMPLATE, "thank_you", by="dana", now=NOON)


def test_findings_stand_at_their_file_and_line(database: Database) -> None:
    files = dict(_begun(database).files)
    files["he.yaml"] = files["he.yaml"].replace("{{ payment }}, והכול", "{{ paymnt }}, והכול")
    with database.read() as session:
        checked = check(session, Kind.TEMPLATE, "thank_you", files, now=NOON)
    assert checked.text is None
    assert {each.file for each in checked.findings} == {"he.yaml"}
    lines = files["he.yaml"].splitlines()
    assert all("paymnt" in lines[each.line - 1] for each in checked.findings)


def test_a_creditors_own_rules_are_asked(database: Database) -> None:
    add_creditor(database)
    files = dict(_begun(database).files)
    with database.read() as session:
        assert check(session, Kind.TEMPLATE, "thank_you", files, now=NOON).text is not None
        del files["lt.yaml"]
        checked = check(session, Kind.TEMPLATE, "thank_you", files, now=NOON)
    assert [(each.file, each.problem) for each in checked.errors] == [
        ("lt.yaml", "`lt` is missing")
    ]


def test_comments_of_a_published_draft_are_there_for_the_next(database: Database) -> None:
    begun = _begun(database)
    files = dict(begun.files)
    files["en.yaml"] = "# Short on purpose.\n" + files["en.yaml"].replace("Thank you", "Thanks")
    with database.write() as session:
        saved = acts.save(session, begun.id, begun.revision, files, by="dana", now=NOON)
        seen = acts.submit(session, saved.id, saved.revision, by="dana", now=NOON)
        seen = acts.approve(session, seen.id, seen.revision, by="omer", now=NOON)
        done = acts.publish(session, seen.id, seen.revision, by="dana", now=NOON)
    with database.read() as session:
        assert current_of(session, "template", "thank_you") == done.published_hash
    assert _begun(database).files["en.yaml"].startswith("# Short on purpose.\n")
    words = from_canonical(_content(database))
    assert "Thanks" in str(words["en"].texts)


def _content(database: Database) -> str:
    with database.read() as session:
        digest = current_of(session, "template", "thank_you")
        assert digest is not None
        return contents(session, [digest])[digest]
