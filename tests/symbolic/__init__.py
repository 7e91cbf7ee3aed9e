"""Tests of the derivations: what is proved and refused, how it is shown, whether it is true."""
