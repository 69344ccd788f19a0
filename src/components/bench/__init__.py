"""The benchmarks: each module measures one part, side by side with its floor or its rivals."""
