"""Whose numbers: ``me``, ``my team``, ``company``, and reps and teams by id, email, mention, name or a part of it."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.question.words import LONGEST_NAME, Kind, QuestionError, Word, echo, fold
from kpi.model import Scope, ScopeType
from kpi.scopes import COMPANY, Directory, Rep, ScopeError, bare_id

WORDS = ("me", "my team", "company")
_LISTED = 3
_KINDS = {"rep": ScopeType.REP, "team": ScopeType.TEAM}


@dataclass(frozen=True, slots=True)
class Who:
    """Whose numbers; several where one name is more than one person's or team's."""

    found: tuple[Scope, ...]


class Roster:
    """The people and teams of a directory, by what a question calls them."""

    def __init__(self, directory: Directory, asker: Rep | None, rep_by_slack: Callable[[str], Rep | None]) -> None:
        self._directory = directory
        self._asker = asker
        self._rep_by_slack = rep_by_slack

    def read(self, words: Sequence[Word]) -> tuple[Who, int] | None:
        """Whom the words begin with (by the longest name) and how many of them say it, or None. QuestionError for an
        id, email or mention of nobody."""
        found, size = self._read(words)
        return (Who(found), size) if found else None

    def read_partly(self, words: Sequence[Word]) -> Who | None:
        """Whose name has all the words as a part; ``team`` or ``rep`` before them says of which kind."""
        kind = _KINDS.get(words[0].folded) if len(words) > 1 and words[0].kind is Kind.PLAIN else None
        found = self._called_partly(" ".join(word.folded for word in words[1 if kind else 0 :]), kind)
        return Who(found) if found else None

    def read_as(self, words: Sequence[Word], kind: ScopeType) -> tuple[Scope, int]:
        """The rep, or the team, that the words begin with, and how many of them say it. QuestionError for none, and for
        several."""
        word = words[0]
        plain = [each.folded if each.kind is Kind.PLAIN else "" for each in words[:2]]
        if word.kind is Kind.MENTION and kind is ScopeType.REP:
            found, size = self._mentioned(word.text), 1
        elif plain[0] == "me" and kind is ScopeType.REP:
            found, size = (self._directory.scope_of_rep(self._known_asker()),), 1
        elif plain == ["my", "team"] and kind is ScopeType.TEAM:
            found, size = self._own_team(self._known_asker()), 2
        else:
            found, size = self._read_name(words, kind)
            if size <= 1:
                found, size = self._with_id(word.text, kind), 1
        return self.the_one(Who(found), " ".join(each.text for each in words[:size])), size

    def the_one(self, who: Who, said: str) -> Scope:
        """The only one meant; QuestionError that lists the first of several."""
        found = who.found
        if len(found) == 1:
            return found[0]
        listed = ", ".join(f"{echo(scope.name, 40)} ({self._written(scope)})" for scope in found[:_LISTED])
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise QuestionError(f"{echo(said, 40)} may be {listed}{more}. Write the id of the one you mean.")

    def nearest(self, said: str, kind: ScopeType | None = None) -> list[str]:
        """Up to three names that are spelt like ``said`` (folded), or have a word that is."""
        spelt: dict[str, list[str]] = {}
        for name, scopes in self._by_name.items():
            shown = [scope.name for scope in scopes if kind in (None, scope.type)]
            for part in (name, *name.split()):
                spelt.setdefault(part, []).extend(shown)
        close = difflib.get_close_matches(said, spelt, n=2 * _LISTED, cutoff=0.7)
        return list(dict.fromkeys(name for part in close for name in spelt[part]))[:_LISTED]

    def _read(self, words: Sequence[Word]) -> tuple[tuple[Scope, ...], int]:
        word = words[0]
        if word.kind is Kind.MENTION:
            return self._mentioned(word.text), 1
        if word.kind in (Kind.REP, Kind.TEAM):
            return self._with_id(word.text, _KINDS[word.kind]), 1
        named = self._read_name(words)
        return named if word.kind is Kind.QUOTED else self._read_plain(words, named)

    def _read_plain(self, words: Sequence[Word], named: tuple[tuple[Scope, ...], int]) -> tuple[tuple[Scope, ...], int]:
        """The grammar's own words; a name goes before them only when it is longer."""
        first, second = (*(word.folded for word in words[:2]), "")[:2]
        if (first, second) == ("my", "team"):
            return self._own_team(self._known_asker()), 2
        if named[1] > 1:
            return named
        if first == "me":
            return (self._directory.scope_of_rep(self._known_asker()),), 1
        if first == "company":
            return (COMPANY,), 1
        if first in _KINDS:
            found, size = self._read_name(words[1:], _KINDS[first])
            return (found, size + 1) if found else named
        return (self._with_email(words[0].text), 1) if "@" in first.strip("@") else named

    def _read_name(self, words: Sequence[Word], kind: ScopeType | None = None) -> tuple[tuple[Scope, ...], int]:
        for size in range(min(LONGEST_NAME, len(words)), 0, -1):
            if size == 1 or all(word.kind is Kind.PLAIN for word in words[:size]):
                found = self._called(" ".join(word.folded for word in words[:size]), kind)
                if found:
                    return found, size
        return (), 0

    def _called(self, name: str, kind: ScopeType | None) -> tuple[Scope, ...]:
        return tuple(scope for scope in self._by_name.get(name, ()) if kind in (None, scope.type))

    def _called_partly(self, part: str, kind: ScopeType | None) -> tuple[Scope, ...]:
        """By whole words of a name, else by the start of a word, else by any part."""
        if part.isascii() and len(part) <= 1:
            return ()
        for padded in (f" {part} ", f" {part}", part):
            names = [name for name in self._by_name if padded in f" {name} "]
            found = tuple(scope for name in names for scope in self._called(name, kind))
            if found:
                return found
        return ()

    def _with_id(self, given: str, kind: ScopeType) -> tuple[Scope, ...]:
        """By the id (or email), else by it with case ignored, else by name, which people write here as well."""
        directory = self._directory
        try:
            if kind is ScopeType.REP:
                return (directory.scope_of_rep(directory.find_rep(given)),)
            return (directory.scope_of_team(directory.find_team(given)),)
        except ScopeError:
            folded = fold(given)
        ids = tuple(
            scope
            for scope in self._all
            if scope.type is kind and folded in (fold(scope.id or ""), fold(bare_id(scope.id or "")))
        )
        found = ids or self._called(folded, kind) or self._called_partly(folded, kind)
        if not found:
            near = " or ".join(echo(name, 40) for name in self.nearest(folded, kind))
            advice = f"Did you mean {near}?" if near else "Write the name, or the id as in the CRM."
            raise QuestionError(f"There is no {kind} {echo(given)}. {advice}")
        return found

    def _with_email(self, email: str) -> tuple[Scope, ...]:
        rep = self._directory.rep_by_email(email)
        if rep is None:
            raise QuestionError(f"The CRM has nobody with the email {echo(email)}: write their name or rep:ID.")
        return (self._directory.scope_of_rep(rep),)

    def _mentioned(self, user: str) -> tuple[Scope, ...]:
        rep = self._rep_by_slack(user)
        if rep is None:
            raise QuestionError("The CRM does not know the person you mention: write their email or rep:ID.")
        return (self._directory.scope_of_rep(rep),)

    def _known_asker(self) -> Rep:
        if self._asker is None:
            raise QuestionError("The CRM does not know who asks: write company, an email, rep:ID or team:ID.")
        return self._asker

    def _own_team(self, asker: Rep) -> tuple[Scope, ...]:
        """The asker's team; without one, those that the asker leads."""
        directory = self._directory
        own = directory.teams.get(asker.team_id or "")
        if own:
            return (directory.scope_of_team(own),)
        led = [team for team in directory.teams.values() if asker in directory.managers_of_team(team.id)]
        if not led:
            raise QuestionError("The CRM has you in no team: write me, company or team:ID.")
        return tuple(directory.scope_of_team(team) for team in led)

    def _written(self, scope: Scope) -> str:
        shown = self._directory.shown_id(scope.id or "")
        if any(sign.isspace() or sign in "\"',;" for sign in shown):
            shown = f"'{shown}'" if '"' in shown else f'"{shown}"'
        return f"{scope.type}:{shown}"

    @cached_property
    def _all(self) -> tuple[Scope, ...]:
        directory = self._directory
        teams = map(directory.scope_of_team, directory.teams.values())
        return (*teams, *map(directory.scope_of_rep, directory.reps.values()))

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Scope]]:
        by_name: dict[str, list[Scope]] = {}
        for scope in self._all:
            if name := fold(scope.name):
                by_name.setdefault(name, []).append(scope)
        return by_name
