"""Computerised adaptive testing with content balance."""

from .session import AdaptiveTest, Step, StopRule
from .simulation import AdaptiveSimulation, simulate

__all__ = ["AdaptiveSimulation", "AdaptiveTest", "Step", "StopRule", "simulate"]
