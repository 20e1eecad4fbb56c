"""Derive verdicts on a run from its records. Pure functions: no files, no torch."""

from __future__ import annotations

from .records import Records, Sample
from .rules import RULES
from .run_rules import Diagnosis, judge
from .verdict import SEVERITIES, Advice, Rule, Verdict

__all__ = ["RULES", "SEVERITIES", "Advice", "Diagnosis", "Records", "Rule", "Sample", "Verdict", "judge"]
