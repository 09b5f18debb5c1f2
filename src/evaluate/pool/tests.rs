//! Tests of the gate, on a clock that only they move.

use super::*;
