"""S14: what people type. Every danger and every heard sign has phrases, and every example is heard as it should be."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.verdict import Findings, Progress
from bot.flow.model import Kind
from bot.flow.understand.heard import Hearing, Sure
from bot.load import Library, Texts, Trial
from bot.load.answers_examples import check_examples
from bot.load.phrases import HEARD_KINDS


def s14(library: Library, found: Findings, progress: Progress) -> None:
    """All of S14."""
    findings = {
        name: kind for flow in library.flows.values() for name, kind in flow.kinds.items() if kind in HEARD_KINDS
    }
    trials = answers = 0
    for code, texts in library.texts.items():
        progress(f"phrases in '{code}'")
        _phrases(library, code, texts, findings, found)
        for trial in texts.trials:
            trials += 1
            _tried(trial, texts.net.listen(trial.text), found)
        answers += _answered(library, texts, found)
    found.note(
        f"{len(findings)} findings that are heard, {trials} messages, {answers} answers, {len(library.texts)} languages"
    )
    found.figure("messages", trials)


def _answered(library: Library, texts: Texts, found: Findings) -> int:
    """Every example of an answer in words is taken as its option, and what must not be taken is not."""
    trials = texts.answer_trials
    if trials is None or texts.replies is None:
        return 0
    questions = {question.id: question for flow in library.flows.values() for question in flow.questions}
    for failure in check_examples(texts.replies, trials.file, questions.values()):
        found.fail(trials.places[failure.question], str(failure))
    parts = trials.file.questions.values()
    return sum(len(part.near_misses) + sum(map(len, part.examples.values())) for part in parts)


def _phrases(library: Library, code: str, texts: Texts, findings: dict[str, Kind], found: Findings) -> None:
    """Each finding can be noticed clearly: by patterns of its own, or along with one that has some."""
    clear = {each for phrases in texts.net.phrases if phrases.clear for each in (phrases.finding, *phrases.adds)}
    near = {trial.finding for trial in texts.trials if trial.wanted is None}
    own = {phrases.finding for phrases in texts.net.phrases}
    for name, kind in findings.items():
        what = "danger" if kind is Kind.DANGER else "heard finding"
        if name not in clear:
            place = library.place("phrases", code, name) if name in own else library.place("phrases", code)
            remedy = "add patterns under 'clear'" if name in own else f"add '{name}' with patterns and examples"
            found.fail(place, f"nothing that people type in '{code}' says the {what} '{name}' clearly: {remedy}")
        elif name in own - near:
            found.warn(library.place("phrases", code, name), f"'{name}' has no near miss in '{code}': add one")


def _tried(trial: Trial, hearing: Hearing, found: Findings) -> None:
    surely, perhaps = trial.finding in hearing.clear, trial.finding in hearing.possible
    if trial.wanted is None:
        wrong, wanted = surely or perhaps, "must not be noticed"
    elif trial.wanted is Sure.POSSIBLE:
        wrong, wanted = not (surely or perhaps), "has to be noticed"
    else:
        wrong, wanted = not surely, "has to be noticed clearly"
    if wrong:
        heard = "; ".join(_heard(hearing)) or "nothing"
        found.fail(trial.place, f"in '{trial.text}' '{trial.finding}' {wanted}; heard instead: {heard}")


def _heard(hearing: Hearing) -> Iterator[str]:
    """What was heard, how surely, and because of which words."""
    for each in hearing.noticed:
        why = f", {each.why.value}" if each.why else ""
        yield f"{each.finding} ({each.sure.value}{why}) from '{each.words}'"
    for left in hearing.dismissed:
        yield f"not {left.finding} ({left.why.value}) from '{left.words}'"
