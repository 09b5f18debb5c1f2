//! What a user can configure: partial values, file loaders, resolved settings.
