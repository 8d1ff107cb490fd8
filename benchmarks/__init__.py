"""The benchmarks: one script a figure, each side by side with its floor in one run, so that ratios can be trusted."""
