"""The thin shell around the pure core: dials, pumps frames, owns the tasks."""
