"""Who may be missing from the registry, and who may be counted in it wrongly.

Candidates with their evidence.

A candidate is somebody to ask about in the village. Nothing here removes or adds anybody.
"""

import pandas as pd

from jinzhou.registry.relations import ask
from jinzhou.registry.snapshot import Snapshot


def omitted_members(snapshot: Snapshot) -> pd.DataFrame:
    """People on a registered household's lists who stand in no registered household (R19).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `roster_id`, `age`, `sex`, `relation_to_head`,
        `on_hukou`, `insured`, `was_on_record` (year in which the number last stood in the
        household, missing when never), `strength`: ``strong`` (on both lists and never on record)
        or ``weak``. Empty when no list was delivered. See rules.roster.
    """
    return ask(snapshot, "candidates/omitted_members")


def split_members(snapshot: Snapshot) -> pd.DataFrame:
    """Grown children counted in a household whom the hukou list has in their own family (R20).

    「在户口簿上已分家单过的子女」: 18 and over, not at school, related to the head as child or
    child's     spouse, with a family number other than the head's.

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `person_id`, `age`, `relation_to_head`,
        `work_months`, `own_spouse_or_child` (whether a child's spouse or a grandchild of the head
        is in the record too), `strength`: ``strong`` when the list has the person as head of that
        family, or six months of work and more away from the county are on record, else ``weak``.
        See rules.listed.
    """
    return ask(snapshot, "candidates/split_members")


def unsupported_parents(snapshot: Snapshot) -> pd.DataFrame:
    """Households of people of 60 and over alone whose family's list shows grown children (R67).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village`, `members`, `children` (18-59 on the family's
        list and in no registered household), `other_transfer` (yuan; support from children would
        stand there, missing when unknown).
    """
    return ask(snapshot, "candidates/unsupported_parents")


def unregistered_households(snapshot: Snapshot) -> pd.DataFrame:
    """Households on another office's list and in no registry year (R18, 应纳尽纳).

    Returns
    -------
    DataFrame
        `household_id`, `county`, `town`, `village` (missing: such a list has no village), `list`
        (``housing``: dangerous dwelling of grade C or D; ``spot_check``: found missed;
        ``monitoring``), `known_on` (day), `income_found` (yuan per person, missing when unknown).
    """
    return ask(snapshot, "candidates/unregistered_households")
