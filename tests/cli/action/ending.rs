//! How a step ends, and that the pull request knows before.
