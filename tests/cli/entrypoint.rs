//! The first process of a container.
