//! Deterministic checks written in a spec, evaluated without a model.
