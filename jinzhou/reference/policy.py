"""A temporary list of names: import from the modules themselves."""

from jinzhou.reference.indicators import (  # noqa: F401
    Indicator,
    indicators,
    score_weights,
    veto_records,
    vetoes,
)
from jinzhou.reference.lines import (  # noqa: F401
    LINE_SERIES,
    NATION,
    POVERTY_ENDS,
    PovertyLine,
    line_series,
    monitored_period,
    monitoring_lines,
    poverty_line,
    poverty_lines,
    still_poor,
)
from jinzhou.reference.offices import office, offices  # noqa: F401
from jinzhou.reference.scope import (  # noqa: F401
    Scope,
    not_applicable,
    require_scope,
    scopes,
)
from jinzhou.reference.statements import Statement, figures, statements  # noqa: F401
from jinzhou.reference.targets import (  # noqa: F401
    housing_reported,
    microcredit_reported,
    target,
    target_units,
    targets,
)
from jinzhou.reference.thresholds import (  # noqa: F401
    Threshold,
    day_of,
    entry_deadline,
    threshold,
)
from jinzhou.reference.triggers import (  # noqa: F401
    ClearingRule,
    MonitoringGroup,
    TriggerRule,
    clearing_rules,
    monitoring_groups,
    trigger_rules,
)
