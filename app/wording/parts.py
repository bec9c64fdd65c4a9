"""Authored words compiled for one language and medium, each part with the variables it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import Template, TemplateError, nodes

from app.wording.context import LINK_KINDS
from app.wording.errors import TemplateInvalid, UnknownMedium
from app.wording.language import FUNCTIONS, compiled, environment, parse
from app.wording.mail import LAYOUT_VARIABLES, html_source, text_source
from app.wording.variables import VARIABLES, Variable
from app.wording.words import LocalWords
from campaigns.worded import worded

HREFS = {f"{'stop' if kind == 'unsubscribe' else kind}_href": kind for kind in LINK_KINDS}


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled text and the variables that it reads."""

    template: Template
    variables: tuple[Variable, ...]

    def fill(self, values: dict[str, Any]) -> str:
        return self.template.render(values)


def compile_parts(authored: LocalWords, medium: str, form: str) -> dict[str, Part]:
    """The parts of one medium as one form of address says them.

    They are `text`, and for email also `subject`, `preheader` and `html`. Raises
    `TemplateInvalid` for words beyond the small language, and `UnknownMedium`.
    """
    words = authored.said_in(form)
    _refuse_faults(words, medium)
    sources = _sources(words, medium, form)
    try:
        parts = {name: _part(words, name, source) for name, source in sources.items()}
    except TemplateError as error:
        problem = worded(
            "%(template)s (%(locale)s) cannot be compiled: %(error)s",
            template=words.template,
            locale=words.locale,
            error=error,
        )
        raise TemplateInvalid(problem, worded("Run `duly template check`")) from error
    if medium == "email":
        plain = (parts[name].variables for name in ("subject", "preheader", "text"))
        shared = {row for variables in plain for row in variables}
        parts["text"] = Part(parts["text"].template, tuple(shared))
    return parts


def _refuse_faults(words: LocalWords, medium: str) -> None:
    """Stored words are held to the small language too, whoever stored them; of each medium those
    that are said on it, as nothing else is run."""
    said = {key: text for key, text in words.texts.items() if key.partition(".")[0] == medium}
    for key, text in said.items():
        for fault in parse(text.source, words.locale).faults:
            problem = worded(
                "%(template)s (%(locale)s), `%(key)s`: %(problem)s",
                template=words.template,
                locale=words.locale,
                key=key,
                problem=fault.problem,
            )
            raise TemplateInvalid(problem, fault.remedy)


def _sources(words: LocalWords, medium: str, form: str) -> dict[str, str]:
    match medium:
        case "email" if "email.subject" in words.texts:
            return {
                "subject": words.texts["email.subject"].source,
                "preheader": words.texts["email.preheader"].source,
                "text": text_source(words, form),
                "html": html_source(words, form),
            }
        case "sms" | "sms_plain" | "call" if medium in words.texts:
            return {"text": words.texts[medium].source}
        case "whatsapp" if "whatsapp.text" in words.texts:
            return {"text": words.texts["whatsapp.text"].source}
        case _:
            raise UnknownMedium(
                worded(
                    "%(template)s (%(locale)s) has no words for '%(medium)s'",
                    template=words.template,
                    locale=words.locale,
                    medium=medium,
                ),
                worded("It speaks %(known)s", known=", ".join(words.media())),
            )


def _part(words: LocalWords, name: str, source: str) -> Part:
    tree = environment(words.locale).parse(source)
    names = _read_in(tree) - LAYOUT_VARIABLES - set(HREFS) - set(FUNCTIONS)
    rows = tuple(VARIABLES[variable] for variable in sorted(names))
    return Part(compiled(words.locale, tree, name), rows)


def _read_in(tree: nodes.Template) -> set[str]:
    """The names that a text reads and does not itself give, as the layout's loops do."""
    names = list(tree.find_all(nodes.Name))
    return {each.name for each in names} - {each.name for each in names if each.ctx == "store"}
