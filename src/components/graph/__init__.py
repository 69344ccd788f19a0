"""What the Snakefile asks: plan, digests of code, dry run."""
