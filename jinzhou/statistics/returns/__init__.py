"""Risk of falling back into poverty: the model, its backtest, and what it leaves out."""
