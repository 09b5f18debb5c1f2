//! One line of a check block, taken apart from left to right.

/// What is left of a line. Errors are fragments for the user.
pub(super) struct Tokens<'a>(&'a str);

/// What a pattern was written as.
#[derive(Debug, PartialEq)]
pub(super) enum Written {
    /// `"literal"`, escapes resolved.
    Literal(String),
    /// `/source/flags`, with `\/` resolved.
    Regex { source: String, flags: String },
}

impl<'a> Tokens<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self(line.trim())
    }

    /// What is left, without space around it.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    /// Everything up to the next space; empty at the end of the line.
    pub(super) fn word(&mut self) -> &'a str {
        let end = self.0.find(char::is_whitespace).unwrap_or(self.0.len());
        self.take(end)
    }

    /// A bare word or a text in double quotes; `None` at the end of the line.
    pub(super) fn path(&mut self) -> Result<Option<String>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        if self.0.starts_with('"') {
            return self.quoted().map(Some);
        }
        if self.0.starts_with('#') {
            return Err(
                "a comment stands on a line of its own; a name that starts with `#` is written in \
                 double quotes"
                    .into(),
            );
        }
        let word = self.word();
        if word.contains('"') {
            return Err(format!(
                "double quotes go around all of `{word}`, or nowhere"
            ));
        }
        Ok(Some(word.to_owned()))
    }

    /// A pattern; `None` at the end of the line.
    pub(super) fn pattern(&mut self) -> Result<Option<Written>, String> {
        match self.0.chars().next() {
            None => Ok(None),
            Some('"') => Ok(Some(Written::Literal(self.quoted()?))),
            Some('/') => self.regex().map(Some),
            Some(_) => Err(format!(
                "`{}` is no pattern: write \"text\" or /regular expression/",
                self.word()
            )),
        }
    }

    /// Fails if anything is left.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(format!("`{}` is too much", self.0))
    }

    fn quoted(&mut self) -> Result<String, String> {
        let close = unescaped(&self.0[1..], '"').ok_or("the closing double quote is missing")? + 2;
        let text = &self.0[..close];
        let value = serde_json::from_str(text)
            .map_err(|_| format!("{text} is no text as JSON writes it: a backslash is `\\\\`"))?;
        self.take_whole(close)?;
        Ok(value)
    }

    fn regex(&mut self) -> Result<Written, String> {
        let body = &self.0[1..];
        let close = unescaped(body, '/').ok_or("the closing `/` is missing")?;
        let source = without_escaped_slashes(&body[..close]);
        self.take(close + 2);
        // A letter that is no flag is told apart from a missing space by whoever reads the flags.
        let spaced = body[close + 1..].starts_with(char::is_whitespace);
        let flags = if spaced { "" } else { self.word() };
        Ok(Written::Regex {
            source,
            flags: flags.to_owned(),
        })
    }

    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest.trim_start();
        taken
    }

    fn take_whole(&mut self, end: usize) -> Result<(), String> {
        if self.0[end..].starts_with(|next: char| !next.is_whitespace()) {
            return Err("a space is missing after the closing double quote".into());
        }
        self.take(end);
        Ok(())
    }
}

/// The position of the first `end` that no backslash stands before.
fn unescaped(text: &str, end: char) -> Option<usize> {
    let mut escaped = false;
    for (position, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == end {
            return Some(position);
        }
    }
    None
}

fn without_escaped_slashes(source: &str) -> String {
    let mut plain = String::with_capacity(source.len());
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('/') => plain.push('/'),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(line: &str) -> Result<Option<Written>, String> {
        Tokens::of(line).pattern()
    }

    fn regex(source: &str, flags: &str) -> Written {
        Written::Regex {
            source: source.into(),
            flags: flags.into(),
        }
    }

    #[test]
    fn patterns_end_where_they_should() {
        let mut tokens = Tokens::of(r#"  "a \"b\" c"  /x\/y z/i  "#);
        assert_eq!(
            tokens.pattern().unwrap(),
            Some(Written::Literal(r#"a "b" c"#.into()))
        );
        assert_eq!(tokens.pattern().unwrap(), Some(regex("x/y z", "i")));
        assert_eq!(tokens.pattern().unwrap(), None);
        assert_eq!(pattern(r"/a\\/ b").unwrap(), Some(regex(r"a\\", "")));
        assert_eq!(pattern(r"/\d+\.\//").unwrap(), Some(regex(r"\d+\./", "")));
    }

    #[test]
    fn open_ends_are_told() {
        assert!(pattern(r#""a"#).unwrap_err().contains("double quote"));
        assert!(pattern(r#""a"b"#).unwrap_err().contains("space"));
        assert!(pattern("/a").unwrap_err().contains("closing `/`"));
        assert!(pattern("a").unwrap_err().contains("no pattern"));
        assert!(pattern(r#""\d""#).unwrap_err().contains("backslash"));
    }

    #[test]
    fn paths_are_bare_or_quoted() {
        let mut tokens = Tokens::of(r#"a/b.c "d e" #x"#);
        assert_eq!(tokens.path().unwrap().as_deref(), Some("a/b.c"));
        assert_eq!(tokens.path().unwrap().as_deref(), Some("d e"));
        assert!(tokens.path().unwrap_err().contains("comment"));
        assert!(Tokens::of(r#"a"b""#).path().is_err());
    }
}
