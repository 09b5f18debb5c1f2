//! The one gate for foreign text on its way to a terminal, Markdown or XML.
