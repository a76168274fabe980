"""A quarter of which too little is known: the risk notebook lists by the trigger rules and says so."""

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "return_risk.ipynb"


def test_too_few_returns_give_a_list_in_the_order_of_the_rules(store, tmp_path):
    cells = [
        c
        for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
        if c["cell_type"] == "code"
    ]
    names = {}
    for cell in cells:
        exec("".join(cell["source"]), names)
        if "parameters" in cell["metadata"].get("tags", []):
            names |= {
                "store": str(store),
                "out": str(tmp_path),
                "quarter": "2015Q1",
                "as_of": "2015-03-31",
            }
    assert (
        names["risk"].method == "rules"
        and names["backtest"] is None
        and names["incidence"] is None
        and names["leaks"] is None
    )
    texts = " ".join(s.text for p in names["chapter"].problems for s in p.sentences)
    assert (
        "不能估计概率" in texts
        and "触发规则数" in names["chapter"].lists[0].frame.columns
    )
    assert {t.name for t in names["chapter"].tables}.isdisjoint(
        {"risk_backtest", "risk_terms"}
    )
    assert sorted((tmp_path / "lists").iterdir())
    with pytest.raises(Exception, match="没有可评估"):
        names["models"].rule_risk(
            names["panel"],
            names["rules"].fired,
            names["rules"].rules,
            as_of="2015-03-31",
            county="210799",
        )
