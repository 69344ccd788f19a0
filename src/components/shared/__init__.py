"""What every stage builds on: errors, files, configuration."""
