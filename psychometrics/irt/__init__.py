"""Item response theory: category models, calibration, persons and fit."""
