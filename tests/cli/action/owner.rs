//! Whose the files are that a step leaves.
