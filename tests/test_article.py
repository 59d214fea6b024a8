"""Completeness: every cause and every sign of the article stands in the flow and in the texts."""

from __future__ import annotations

import pytest

from bot.flow.model import Flow, Level
from bot.load import Library

CAUSES = {
    "hip_flexor_weakness": ["sitting"],
    "quadriceps_weakness": ["thigh", "stairs"],
    "tight_hamstrings": ["back of the thigh", "straight"],
    "hip_flexor_strain": ["overuse", "pain"],
    "hip_osteoarthritis": ["stiff", "groin"],
    "knee_joint_problem": ["gives way", "stairs"],
    "sciatica": ["tingling", "sciatic", "numb"],
    "slipped_disc": ["disc", "nerve"],
    "peripheral_neuropathy": ["diabetes", "sock", "thin"],
    "diabetic_proximal_neuropathy": ["diabetes", "thigh"],
    "multiple_sclerosis": ["myelin", "jelly", "heavy", "tired"],
    "stroke": ["sudden", "blood"],
    "parkinsons_disease": ["stiff", "slow"],
    "severe_fatigue": ["effort", "illness"],
    "electrolyte_imbalance": ["potassium", "magnesium", "sodium", "calcium", "cramps"],
    "anaemia": ["red blood cells", "oxygen", "cramps"],
    "statin_muscle_effect": ["statin"],
    "steroid_muscle_effect": ["steroid"],
    "antithyroid_muscle_effect": ["thyroid"],
    "hiv_medicine_muscle_effect": ["HIV"],
    "hypothyroidism": ["thyroid", "cramp", "hips", "shoulders"],
}
"""The article's causes, with words its text must not be silent about."""

SIGNS = {
    "weak hip flexors and thighs": ["weak", "tires_sooner", "stairs_chair"],
    "prolonged sitting": ["sitting_long"],
    "stiffness and tightness": ["stiff", "straight_leg_pull", "morning_short"],
    "overuse and strain": ["pull", "snap_bruise"],
    "hip and knee joints": ["socks_car", "pain_groin", "pain_knee", "gives_way", "knee_locked"],
    "pain from the back down the leg": ["pain_back", "pain_below_knee", "pain_buttock"],
    "numbness and tingling": ["numb_sock", "numb_strip", "numb_thigh", "numb_side", "numb_other"],
    "shrinking muscles": ["thin_muscle"],
    "diabetes": ["diabetes"],
    "jelly legs, heaviness, fatigue": ["unsteady", "tired_all_over"],
    "sudden weakness or paralysis": ["onset_seconds", "side_weak", "cannot_weak"],
    "rigidity and trouble starting": ["slow_start"],
    "weakness, cramps and spasms": ["cramps"],
    "statins, antithyroid drugs, steroids, antiretrovirals": ["statin", "antithyroid", "steroid", "hiv_medicine"],
    "hips and shoulders": ["shoulders_too"],
    "severe pain in back or leg": ["pain_severe"],
    "rapidly progressing weakness": ["worse_lately", "onset_hours", "onset_days"],
    "interference with daily life": ["limited"],
    "bladder and bowel": ["bladder_change", "bowel_change"],
}
"""The article's signs, as findings that a question sets and a rule or cause reads."""


@pytest.mark.parametrize("cause", CAUSES)
def test_cause_is_told(cause: str, library: Library, flow: Flow) -> None:
    """Each cause of the article is ranked, and its text says what the article says about it."""
    assert cause in {each.id for each in flow.causes}
    text = library.texts["en"].causes[cause]
    parts = [text.name, text.summary, text.why, *text.notice, *text.helps, text.clinician, text.urgent]
    told = " ".join(part.they for part in parts).lower()
    for word in CAUSES[cause]:
        assert word.lower() in told, f"{cause} says nothing about {word}"


@pytest.mark.parametrize("sign", SIGNS)
def test_sign_is_asked_and_counts(sign: str, flow: Flow) -> None:
    """Each sign of the article is asked for and moves a level or a cause."""
    asked = read = 0
    for question in flow.questions:
        asked |= question.sets
    for rule in flow.rules:
        read |= rule.when.reads
    for cause in flow.causes:
        read |= cause.needs.reads
        for evidence in cause.evidence:
            read |= evidence.when.reads
    for finding in SIGNS[sign]:
        assert asked & flow.bits[finding], f"{finding} is never asked"
        assert read & flow.bits[finding], f"{finding} changes nothing"


def test_nothing_is_asked_in_vain(flow: Flow) -> None:
    """Every finding that a question sets is read by a rule, a cause, a notice, an audience or another question."""
    read = 0
    conditions = [question.when for question in flow.questions] + [rule.when for rule in flow.rules]
    conditions += [notice.when for notice in flow.notices] + list(flow.audiences.values())
    conditions += [cause.needs for cause in flow.causes]
    conditions += [evidence.when for cause in flow.causes for evidence in cause.evidence]
    for condition in conditions:
        read |= condition.reads
    vain = [name for question in flow.questions for name in flow.names(question.sets & ~read)]
    assert vain == []


def test_danger_cards_are_short(flow: Flow) -> None:
    """At most six signs stand on a card of signs that are dangerous by themselves, and those cards come first."""
    alone = 0
    for rule in flow.emergencies:
        for name in flow.findings:
            if rule.when.value(flow.bits[name], 0) is True:
                alone |= flow.bits[name]
    decisive = [question for question in flow.questions if question.sets & alone]
    early, late = decisive[:5], decisive[5:]
    assert [question.id for question in early] == [question.id for question in flow.questions[2:7]]
    assert all(len(question.choices) <= 6 for question in early)
    # Signs of an injury, missed dialysis and despair are asked where they belong.
    assert {question.id for question in late} == {"injury_signs", "health", "whole_body"}


def test_no_text_tells_to_stop_a_medicine(library: Library) -> None:
    """No text advises to stop a prescribed medicine."""
    for texts in library.texts.values():
        everything = [text.they for cause in texts.causes.values() for text in (*cause.helps, cause.clinician)]
        everything += [step.they for action in texts.actions.values() for step in action.do]
        for text in everything:
            lowered = text.lower()
            for phrase in ("stop taking", "stop the tablets", "stop the statin", "stop the medicine"):
                at = lowered.find(phrase)
                assert at < 0 or "not" in lowered[max(0, at - 25) : at], text


def test_results_are_unreviewed_and_say_so(library: Library) -> None:
    """Nobody has reviewed the causes yet, and the person is told."""
    texts = library.texts["en"]
    assert all(cause.reviewed_by == "" for cause in texts.causes.values())
    assert "no clinician has reviewed" in texts.ui["disclaimer"].me


def test_emergency_texts_do_not_calm(library: Library, flow: Flow) -> None:
    """No emergency or same-day text plays the danger down."""
    texts = library.texts["en"]
    calming = ("probably", "harmless", "do not worry", "don't worry", "usually nothing", "no need to")
    for rule in flow.rules:
        if rule.level.rank >= Level.URGENT.rank:
            words = texts.flows["leg_lift"].rules[rule.id]
            said = " ".join((words.title.me, words.because.me, *(dont.me for dont in words.dont))).lower()
            assert not [word for word in calming if word in said], rule.id
