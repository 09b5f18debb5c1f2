//! JSON pointers, RFC 6901: `/a/b` is the key `b` of the key `a`.

/// A pointer, taken apart.
#[derive(Clone, Debug)]
pub(in super::super) struct Pointer(Vec<String>);

impl Pointer {
    /// The empty text is the whole document. The error is a fragment for the user.
    pub(in super::super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let Some(inner) = text.strip_prefix('/') else {
            return Err(format!(
                "a pointer starts with `/` and has one between keys: `/{}`",
                text.replace('.', "/")
            ));
        };
        inner
            .split('/')
            .map(unescape)
            .collect::<Option<_>>()
            .map(Self)
            .ok_or_else(|| "in a pointer `~` is written `~0`, and `/` in a key `~1`".into())
    }

    pub(super) fn tokens(&self) -> &[String] {
        &self.0
    }

    /// The pointer to the value that holds token number `depth`.
    pub(super) fn parent(&self, depth: usize) -> String {
        self.0[..depth]
            .iter()
            .flat_map(|token| ["/".to_owned(), token.replace('~', "~0").replace('/', "~1")])
            .collect()
    }
}

fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push(match part.chars().next() {
            Some('0') => '~',
            Some('1') => '/',
            _ => return None,
        });
        plain.push_str(&part[1..]);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_the_rfc() {
        let tokens = |text: &str| Pointer::parse(text).unwrap().0;
        assert_eq!(tokens("/a~1b/m~0n/~01"), ["a/b", "m~n", "~1"]);
        assert_eq!(tokens("/"), [""]);
        assert_eq!(tokens(""), [""; 0]);
        assert!(Pointer::parse("/a~").is_err());
        assert!(Pointer::parse("/a~2").is_err());
        assert!(Pointer::parse("/~é").is_err());
        assert!(Pointer::parse("a.b").unwrap_err().contains("`/a/b`"));
    }
}
