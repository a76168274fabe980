"""Efficiency frontiers: envelopment, stochastic, productivity over time.

A `DeaModel` says what is compared; `dea` scores the units, `dea_intervals` adds sampling error,
`leave_one_out` and `order_m` ask on whom the frontier rests, `returns_to_scale_test` whether
size matters, `second_stage` what goes with inefficiency, `malmquist` what changed. A
`StochasticModel` and `sfa` keep noise apart. Outer modules know column names; the inner ones
(`technology`, `free_disposal`, `simplex`, `resampling`, `truncated`, `likelihood`, `composed`,
`conditional`) take arrays.

Examples
--------
Township B does with 4 what half of A and half of C would do with 2.5, so 0.625 of its money would
have been enough:

>>> import pandas as pd
>>> from jinzhou.statistics.frontier.dea import dea
>>> from jinzhou.statistics.frontier.model import DeaModel
>>> money, exits = [2.0, 4, 3, 5, 6], [1.0, 2, 3, 4, 5]
>>> towns = pd.DataFrame({"money": money, "exits": exits}, index=list("ABCDE"))
>>> found = dea(towns, DeaModel(inputs=["money"], outputs=["exits"]))
>>> found.scores["score"].round(3).tolist()
[1.0, 0.625, 1.0, 0.9, 1.0]
>>> found.peers.query("unit == 'B'").round(3).to_numpy().tolist()
[['B', 'A', 0.5], ['B', 'C', 0.5]]
>>> found.enough
False
"""
