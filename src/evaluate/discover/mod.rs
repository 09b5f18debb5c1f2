//! Globs and ignore rules in, spec files with their scenarios out.
