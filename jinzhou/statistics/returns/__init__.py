"""Risk of falling back into poverty: the model, its backtest, what it leaves out."""
