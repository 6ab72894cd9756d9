"""Matrices and case splits."""

from __future__ import annotations

from symdl.read.differentials import Differentials
from symdl.read.nodes import Call, CaseRows, Group, Matrix, Node


class Environments(Differentials):
    """Reads environments that are values."""

    def environment(self) -> Node:
        token = self.take()
        name = token.text
        if name == "array":
            self.skip_group()
        with self.deeper(), self.no_bars():
            if name in ("cases", "dcases", "rcases"):
                rows = self.case_rows(name)
                return CaseRows(token.at, self.behind, rows)
            if name.endswith("matrix") or name == "array":
                if name == "Vmatrix":
                    raise self.error("the norm of a matrix written out is not read here", token)
                found = Matrix(token.at, self.behind, self.matrix_rows(name))
                return Call(token.at, self.behind, "det", None, None, 0, (found,)) if name == "vmatrix" else found
            if name in ("aligned", "split", "gathered"):
                body = self.expression()
                while self.sees("op", "\\\\", "&"):
                    self.take()
                self._end(name)
                return Group(token.at, self.behind, "", (body,))
        raise self.error(f"the environment {name!r} cannot stand inside a formula", token)

    def _end(self, name: str) -> None:
        if not self.sees("end", name):
            raise self.unexpected(rf"\end{{{name}}}")
        self.take()

    def matrix_rows(self, name: str) -> tuple[tuple[Node, ...], ...]:
        rows: list[tuple[Node, ...]] = []
        cells: list[Node] = []
        while True:
            if self.sees("end"):
                break
            cells.append(self.item())
            if self.sees("op", "&"):
                self.take()
            elif self.sees("op", "\\\\"):
                self.take()
                rows.append(tuple(cells))
                cells = []
            elif not self.sees("end"):
                raise self.unexpected(r"& or \\")
        if cells:
            rows.append(tuple(cells))
        self._end(name)
        if not rows or len({len(r) for r in rows}) != 1:
            raise self.error("the rows of the matrix differ in length")
        return tuple(rows)

    def case_rows(self, name: str) -> tuple[tuple[Node, tuple[Node, ...] | None], ...]:
        rows: list[tuple[Node, tuple[Node, ...] | None]] = []
        while not self.sees("end"):
            value = self.expression()
            while self.sees("op", ",", "&", "quad"):
                self.take()
            conditions: list[Node] = []
            words = ""
            while not self.sees("end") and not self.sees("op", "\\\\"):
                if self.sees("text") or self.sees("word"):
                    words += " " + self.take().text
                elif self.sees("op", ",", "&", "quad", ".", ";"):
                    self.take()
                else:
                    conditions.append(self.item())
            other = any(w in words.lower() for w in ("otherwise", "else"))
            if not conditions and not other:
                raise self.unexpected("a condition")
            rows.append((value, None if other else tuple(conditions)))
            if self.sees("op", "\\\\"):
                self.take()
        self._end(name)
        if not rows:
            raise self.error("a case split without cases")
        return tuple(rows)
