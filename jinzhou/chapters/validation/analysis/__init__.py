"""The same estimators on real data that nobody here made, by data set."""
